"""Changes as the sources hand them to the function: Lambda payloads of DynamoDB Streams and of Kinesis."""

import base64
import hashlib
import json
import uuid

import history
import items

VIEW = "NEW_AND_OLD_IMAGES"
TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
AGGREGATE = bytes.fromhex("f3899ac2")


def of(past):
    """The payloads of all captured changes as texts, with duplicates, bisected batches, copies and changes out of order."""
    found = []
    for table in past.tables:
        captured = [change for change in table.changes if change.captured]
        if table.source == "kinesis":
            found += kinesis(past.random, table, captured)
        else:
            found += streams(past.random, captured)
    return found + [payload(past.random, others(past.random))]


def streams(random, changes):
    records = [stream_record(random, change) for change in changes]
    return [payload(random, batch) for batch in batches(random, records)]


def batches(random, records):
    """Some batches are redelivered whole, some in halves that overlap earlier deliveries."""
    at = 0
    while at < len(records):
        size = random.randint(1, 40)
        batch = records[at : at + size]
        yield batch
        if random.random() < 0.2:
            yield batch
        if random.random() < 0.2 and len(batch) > 1:
            middle = len(batch) // 2
            yield batch[:middle]
            yield batch[middle:]
        at += size


def payload(random, records):
    """JSON as any writer may put it: strings escaped more than necessary, or not at all."""
    return json.dumps({"Records": records}, ensure_ascii=random.random() < 0.5)


def stream_record(random, change):
    account, region, name = change.table.place
    record = {
        "eventID": change.event_id,
        "eventName": change.operation,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": region,
        "dynamodb": {
            "ApproximateCreationDateTime": seconds(change.recorded),
            **images(random, change),
            "SequenceNumber": change.number,
            "SizeBytes": 100,
            "StreamViewType": VIEW,
        },
        "eventSourceARN": f"arn:aws:dynamodb:{region}:{account}:table/{name}/stream/{change.label}",
    }
    return record | ({"userIdentity": TTL} if change.actor == "ttl" else {})


def images(random, change):
    found = {"Keys": change.keys, "OldImage": change.old, "NewImage": change.new}
    return {name: items.shuffled(random, image) for name, image in found.items() if image is not None}


def seconds(microseconds):
    whole, rest = divmod(microseconds, history.SECOND)
    return whole if rest == 0 else microseconds / history.SECOND


def kinesis(random, table, changes):
    """Changes of one millisecond keep their order, others may change places; a copy of a change comes later."""
    order = sorted(changes, key=lambda change: change.recorded + random.choice([0, 0, 0, 3 * history.SECOND]) * (not crowded(change, changes)))
    sent = []
    for change in order:
        sent.append(change)
        if random.random() < 0.15:
            sent.append(change)
        if random.random() < 0.1:
            sent.append(random.choice(sent))
    number = 49_642_650_476_690_467_334_584_007_152_166 * 10**24
    records = [kinesis_record(random, table, change, str(number + 7 * index)) for index, change in enumerate(sent)]
    return [payload(random, batch) for batch in batches(random, records)]


def crowded(change, changes):
    return sum(other.recorded == change.recorded for other in changes) > 1


def kinesis_record(random, table, change, number):
    data = json.dumps(kinesis_change(random, change), ensure_ascii=random.random() < 0.5).encode()
    return kinesis_envelope(table.place, f"{table.name}-changes", number, data, change.recorded)


def kinesis_change(random, change):
    micro = change.table.clock == "microsecond"
    unit = 1 if micro else 1000
    precision = {"ApproximateCreationDateTimePrecision": "MICROSECOND"} if micro else {}
    return {
        "awsRegion": change.table.region,
        "eventID": str(uuid.UUID(change.event_id)),
        "eventName": change.operation,
        "userIdentity": TTL if change.actor == "ttl" else None,
        "recordFormat": "application/json",
        "tableName": change.table.name,
        "dynamodb": {
            "ApproximateCreationDateTime": change.recorded // unit,
            **precision,
            **images(random, change),
            "SizeBytes": 100,
        },
        "eventSource": "aws:dynamodb",
    }


def kinesis_envelope(place, stream, number, data, arrival):
    account, region, _ = place
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "p",
            "sequenceNumber": number,
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": round(arrival / history.SECOND, 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000003:{number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::{account}:role/changefan",
        "awsRegion": region,
        "eventSourceARN": f"arn:aws:kinesis:{region}:{account}:stream/{stream}",
    }


def others(random):
    """Records that hold no change: text, JSON, bytes, and an aggregate of several."""
    data = [b"till 7 opened", b'{"b":1.50,"a":[1E-130,null]}', b"\xff\xfe", b"[1]", aggregate([b'{"n":1}', "né".encode(), b"\xff"])]
    place, start = ("111111111111", "us-east-1", ""), history.START
    return [
        kinesis_envelope(place, "tills", str(10**55 + index), item, start + index * history.SECOND)
        for index, item in enumerate(data)
    ]


def aggregate(contents):
    """As the Kinesis Producer Library packs records: magic, an AggregatedRecord message, its MD5."""
    message = field(1, b"p") + b"".join(field(3, b"\x08\x00" + field(3, data)) for data in contents)
    return AGGREGATE + message + hashlib.md5(message).digest()


def field(number, content):
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content
