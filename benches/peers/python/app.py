"""Writes the changes of a batch to standard output.

As the guides say: clients that are made once outside the handler, and boto3's own deserialiser for items.
"""

import json
from datetime import datetime, timezone
from decimal import Decimal

import boto3
from boto3.dynamodb.types import TypeDeserializer

# All clients that a fan-out needs, as one would hold them.
CLIENTS = {name: boto3.client(name) for name in ("firehose", "s3", "logs")}

DESERIALIZER = TypeDeserializer()


def handler(event, _context):
    for record in event["Records"]:
        print(json.dumps(change(record), default=plain, ensure_ascii=False))
    return {"batchItemFailures": []}


def change(record):
    dynamodb = record["dynamodb"]
    old, new = image(dynamodb.get("OldImage")), image(dynamodb.get("NewImage"))
    created = datetime.fromtimestamp(dynamodb["ApproximateCreationDateTime"], timezone.utc)
    by_ttl = record.get("userIdentity", {}).get("principalId") == "dynamodb.amazonaws.com"
    return {
        "event_id": record["eventID"],
        "operation": record["eventName"],
        "account": record["eventSourceARN"].split(":")[4],
        "table": record["eventSourceARN"].split("/")[1],
        "region": record["awsRegion"],
        "source": "dynamodb",
        "sequence_number": dynamodb["SequenceNumber"],
        "timestamp": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "actor": "ttl" if by_ttl else "user",
        "keys": image(dynamodb["Keys"]),
        "old": old,
        "new": new,
        "changed": changed(old, new) if old and new else None,
    }


def image(attributes):
    if attributes is None:
        return None
    return {name: DESERIALIZER.deserialize(value) for name, value in attributes.items()}


def changed(old, new):
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def plain(value):
    """What json cannot write: numbers are Decimals, and sets are sets."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return sorted(value)
