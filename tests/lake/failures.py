"""What the function gives up and sets aside, in a bucket of the emulator, as Lambda and the function write it."""

import json
from random import Random

import history
import items
import payloads

TABLE = history.Table("111111111111", "us-east-1", "orders", schema=(("pk", "S"), ("sk", "N")))
MAPPING = "aws/lambda/4b3c7a5e-8f0f-4c43-9f36-2f2d0a7a31b6"
STARTED = "2024-03-01T00:13:49"


def records(random, numbers):
    """Insertions of items, as DynamoDB Streams sends them."""
    return [payloads.stream_record(random, change(random, number)) for number in numbers]


def change(random, number):
    keys = {"pk": {"S": f"é{number}\""}, "sk": {"N": str(number)}}
    at = history.START + number * history.SECOND
    made = history.Change(TABLE, at, at, "INSERT", keys, None, items.item(random, keys))
    made.number, made.label, made.event_id = str(10**20 + 7 * number), history.LABELS[0], f"{number:032x}"
    return made


def undecodable(random, number):
    [record] = records(random, [number])
    return record | {"eventName": "UPSERT"}


class Failures:
    """The bucket: two batches of one shard, one of another, and an object of the quarantine."""

    def __init__(self, client, bucket):
        self.client, self.bucket, random = client, bucket, Random(7)
        self.client.create_bucket(Bucket=bucket)
        first, second, other = (records(random, numbers) for numbers in (range(0, 40), range(40, 90), range(90, 100)))
        self.batches = {"shardId-1": [first, second], "shardId-2": [other]}
        for shard, batches in self.batches.items():
            for index, batch in enumerate(batches):
                # Random names: the order of the keys is not that of the batches.
                self.put(f"{MAPPING}/{shard}/2024/03/01/{STARTED.replace(':', '.')}-{9 - index}", on_failure(random, shard, batch))
        self.set_aside, self.rejected = records(random, range(100, 103)), undecodable(random, 103)

    def put(self, key, text):
        self.client.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def given_up(self):
        return [record for batches in self.batches.values() for batch in batches for record in batch]

    def objects(self, prefix=""):
        """Key, content and tags of every object below a prefix."""
        keys = [found["Key"] for found in self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])]
        return {key: (self.text(key), self.tags(key)) for key in keys}

    def text(self, key):
        return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()

    def tags(self, key):
        return self.client.get_object_tagging(Bucket=self.bucket, Key=key)["TagSet"]


def on_failure(random, shard, batch):
    """The record of a failed invocation; its payload is an object, or the text of one."""
    payload = {"Records": batch}
    return json.dumps({
        "requestContext": {
            "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81", "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 2,
            "functionArn": "arn:aws:lambda:us-east-1:111111111111:function:changefan",
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0", "timestamp": f"{STARTED}.717Z",
        "DDBStreamBatchInfo": {
            "shardId": shard, "streamArn": batch[0]["eventSourceARN"], "batchSize": len(batch),
            "startSequenceNumber": batch[0]["dynamodb"]["SequenceNumber"], "endSequenceNumber": batch[-1]["dynamodb"]["SequenceNumber"],
            "approximateArrivalOfFirstRecord": f"{STARTED}Z", "approximateArrivalOfLastRecord": f"{STARTED}Z",
        },
        "payload": json.dumps(payload) if random.random() < 0.5 else payload,
    })  # fmt: skip
