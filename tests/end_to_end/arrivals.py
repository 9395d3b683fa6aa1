"""Read back what each sink holds, as one shape: an `Arrival` for each change found there."""

import gzip
import json
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

import changes

READERS_AT_ONCE = 8


@dataclass(frozen=True)
class Arrival:
    operation: str
    table: str
    keys: dict
    old: object
    new: object
    event_id: str
    sequence_number: str
    envelope: object = None  # the whole line, where the format is `rows`

    @property
    def key(self):
        return self.keys.get(changes.KEY)

    @property
    def identity(self):
        return (self.key, self.operation, changes.revision_of(self.new or self.old or {}))


def from_row(line):
    """A line in the format `rows`, whose keys and images are JSON text."""
    e = json.loads(line)
    keys, old, new = (image and json.loads(image, parse_float=Decimal, parse_int=Decimal) for image in (e["keys"], e["old"], e["new"]))
    return Arrival(e["operation"], e["table"], keys, old, new, e["event_id"], e["sequence_number"], envelope=e)


def from_log_entry(line):
    """A line in the format `log`, which carries the record as the stream sent it."""
    record = json.loads(line)["log_keys"]["record"]
    around = record.get("kinesis")
    if around:
        record = json.loads(b64decode(around["data"]))
    stream = record["dynamodb"]
    sequence_number = around["sequenceNumber"] if around else stream.get("SequenceNumber")
    images = [changes.plain(stream.get(name)) for name in ("Keys", "OldImage", "NewImage")]
    return Arrival(record["eventName"], table_of(record), *images, record["eventID"], sequence_number)


def table_of(record):
    if "tableName" in record:
        return record["tableName"]
    return record["eventSourceARN"].split(":table/")[1].split("/")[0]


def log_entries(logs, group):
    """The lines in the format `log` of a log group, without the service's own."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    messages = [event["message"] for page in pages for event in page["events"]]
    return [message for message in messages if '"DynamoDBStreamRecord"' in message]


def object_keys(s3, bucket, prefix):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def object_bodies(s3, bucket, keys):
    def body(key):
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    with ThreadPoolExecutor(READERS_AT_ONCE) as readers:
        return list(readers.map(body, keys))


def lines_of(body, key):
    text = gzip.decompress(body) if key.endswith(".gz") else body
    return [line for line in text.decode().split("\n") if line]
