// Writes the changes of a batch to standard output.
//
// As the guides say: SDK v3's modular clients, made once outside the handler, and util-dynamodb's unmarshall.

import { isDeepStrictEqual } from "node:util";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { S3Client } from "@aws-sdk/client-s3";
import { unmarshall } from "@aws-sdk/util-dynamodb";

// All clients that a fan-out needs, as one would hold them.
export const clients = { firehose: new FirehoseClient(), s3: new S3Client(), logs: new CloudWatchLogsClient() };

export async function handler(event) {
  for (const record of event.Records) {
    // console.log would put a time and a request id before the line.
    process.stdout.write(JSON.stringify(change(record), plainSets) + "\n");
  }
  return { batchItemFailures: [] };
}

function change(record) {
  const { dynamodb } = record;
  const [before, after] = [image(dynamodb.OldImage), image(dynamodb.NewImage)];
  return {
    event_id: record.eventID,
    operation: record.eventName,
    account: record.eventSourceARN.split(":")[4],
    table: record.eventSourceARN.split("/")[1],
    region: record.awsRegion,
    source: "dynamodb",
    sequence_number: dynamodb.SequenceNumber,
    timestamp: new Date(dynamodb.ApproximateCreationDateTime * 1000).toISOString(),
    actor: record.userIdentity?.principalId === "dynamodb.amazonaws.com" ? "ttl" : "user",
    keys: image(dynamodb.Keys),
    old: before,
    new: after,
    changed: before && after ? changed(before, after) : null,
  };
}

// Without a function for numbers, unmarshall throws at the first one that a double cannot hold.
function image(attributes) {
  return attributes ? unmarshall(attributes, { wrapNumbers: Number }) : null;
}

function changed(before, after) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

function plainSets(_, value) {
  return value instanceof Set ? [...value] : value;
}
