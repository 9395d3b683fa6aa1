"""The format `rows` in Python: what the function has to write for a payload, derived from the format's definition alone."""

import base64
import hashlib
import json
from datetime import datetime, timedelta, timezone

MEMBERS = [
    "change_id", "event_id", "operation", "account", "region", "table", "source", "sequence_number", "version",
    "timestamp", "actor", "keys", "old", "new", "types", "changed",
]  # fmt: skip
DIGITS = 60
INDEX_DIGITS = 10
YEAR_10000 = 253_402_300_800  # seconds since 1970
AGGREGATE = bytes.fromhex("f3899ac2")
SETS = ("SS", "NS", "BS")


def lines(payload):
    """The rows of a payload, as text, in the order of its records: of a mapping, of a Pipe, or one record."""
    records = payload if isinstance(payload, list) else payload.get("Records", [payload])
    return [line(row) for record in records for row in of_record(record)]


def line(row):
    return json.dumps({name: row[name] for name in MEMBERS}, ensure_ascii=False, separators=(",", ":"))


def of_record(record):
    if "dynamodb" in record:
        return [stream_row(record)]
    return [kinesis_row(record, data, index) for index, data in enumerate(data_of(record))]


def stream_row(record):
    _, _, _, region, account, resource = record["eventSourceARN"].split(":", 5)
    _, table, _, label = resource.split("/")
    change = record["dynamodb"]
    number = change["SequenceNumber"]
    row = change_row(record, change, timestamp_of_seconds(change.get("ApproximateCreationDateTime")))
    place = f"{account}/{region}/{table}"
    row |= {"account": account, "region": record["awsRegion"], "table": table, "source": "dynamodb"}
    row |= {"change_id": f"{place}/{record['eventID']}/{number}", "event_id": record["eventID"]}
    return row | {"sequence_number": number, "version": f"{label}|{number.zfill(DIGITS)}"}


def kinesis_row(record, data, index):
    _, _, _, region, account, resource = record["eventSourceARN"].split(":", 5)
    number = envelope(record)["sequenceNumber"]
    change = change_in(data)
    row = kinesis_change(change) if change else append_row(record, data, index)
    row |= {"account": account, "source": "kinesis", "sequence_number": number}
    row |= {"region": change["awsRegion"] if change else region, "table": change["tableName"] if change else resource.split("/")[1]}
    row["version"] = f"{row['timestamp']}|{number.zfill(DIGITS)}|{index:0{INDEX_DIGITS}}"
    place = f"{account}/{row['region']}/{row['table']}"
    identity = f"{row['event_id']}/{row['timestamp']}" if change else row["event_id"]
    return row | {"change_id": f"{place}/{identity}"}


def envelope(record):
    """A Pipe's records are flat."""
    return record.get("kinesis", record)


def change_in(data):
    try:
        parsed = json.loads(data)
    except (UnicodeDecodeError, ValueError):
        return None
    return parsed if isinstance(parsed, dict) and "dynamodb" in parsed and "tableName" in parsed else None


def kinesis_change(change):
    image = change["dynamodb"]
    unit = 1_000_000 if image.get("ApproximateCreationDateTimePrecision") == "MICROSECOND" else 1_000
    moment = timestamp(image["ApproximateCreationDateTime"] * (1_000_000 // unit))
    return change_row(change, image, moment) | {"event_id": change["eventID"]}


def append_row(record, data, index):
    suffix = f":{index}" if is_aggregate(base64.b64decode(envelope(record)["data"])) else ""
    return {
        "event_id": record["eventID"] + suffix, "operation": "APPEND", "actor": "user", "keys": "{}", "old": None,
        "timestamp": timestamp_of_seconds(envelope(record)["approximateArrivalTimestamp"]),
        "new": appended(data), "types": None, "changed": None,
    }  # fmt: skip


def appended(data):
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return canonical_json({"data_base64": base64.b64encode(data).decode()})
    try:
        parsed = json.loads(text, parse_int=Digits, parse_float=Digits)
    except ValueError:
        parsed = None
    return canonical_json(parsed if isinstance(parsed, dict) else {"data": text})


def change_row(record, change, moment):
    old, new = change.get("OldImage"), change.get("NewImage")
    identity = record.get("userIdentity") or {}
    ttl = identity.get("principalId") == "dynamodb.amazonaws.com" and record["eventName"] == "REMOVE"
    return {
        "operation": record["eventName"], "timestamp": moment, "actor": "ttl" if ttl else "user",
        "keys": image(change["Keys"]), "old": image(old), "new": image(new),
        "types": types(change["Keys"], old, new),
        "changed": None if old is None or new is None else changed(old, new),
    }  # fmt: skip


def read_row(place, moment, keys, item, export_arn):
    """A READ row of an export; `place` is account, region and table, `moment` the export's time in microseconds."""
    account, region, table = place
    event_id = hashlib.sha256(f"{export_arn}\n{image(keys)}".encode()).hexdigest()[:32]
    return {
        "change_id": f"{account}/{region}/{table}/{event_id}", "event_id": event_id, "operation": "READ",
        "account": account, "region": region, "table": table, "source": "export", "sequence_number": None,
        "version": "0", "timestamp": timestamp(moment), "actor": "user", "keys": image(keys), "old": None,
        "new": image(item), "types": types(keys, None, item), "changed": None,
    }  # fmt: skip


def snapshot_row(place, moment, items, export_arn):
    row = read_row(place, moment, {}, {}, export_arn) | {"operation": "SNAPSHOT"}
    return row | {"new": canonical_json({"export_arn": export_arn, "items": Digits(items)}), "types": None}


def image(attributes):
    return None if attributes is None else canonical_json({name: plain(value) for name, value in attributes.items()})


def plain(value):
    [(kind, content)] = value.items()
    match kind:
        case "N":
            return Digits(content)
        case "NULL":
            return None
        case "M":
            return {name: plain(member) for name, member in content.items()}
        case "L":
            return [plain(member) for member in content]
        case "NS":
            return [Digits(member) for member in by_bytes(content)]
        case "SS" | "BS":
            return by_bytes(content)
        case _:
            return content


class Digits(str):
    """A number as the text that DynamoDB gave it; `str` alone would be quoted."""

    def __new__(cls, value):
        return super().__new__(cls, value)


def canonical_json(node):
    if isinstance(node, Digits):
        return str(node)
    if isinstance(node, dict):
        members = (f"{quoted(name)}:{canonical_json(node[name])}" for name in by_bytes(node))
        return "{" + ",".join(members) + "}"
    if isinstance(node, list):
        return "[" + ",".join(canonical_json(member) for member in node) + "]"
    return quoted(node)


def quoted(node):
    return json.dumps(node, ensure_ascii=False)


def by_bytes(texts):
    return sorted(texts, key=lambda text: text.encode())


def types(keys, old, new):
    """What plain JSON cannot express: where sets and binaries are, by RFC 6901 pointer."""
    images = {"keys": keys, "old": old, "new": new}
    found = {name: dict(sorted(pointers(image, ""), key=lambda pair: pair[0].encode())) for name, image in images.items()}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if any(found.values()) else None


def pointers(attributes, parent):
    for name in by_bytes(attributes or {}):
        yield from pointers_of(attributes[name], f"{parent}/{name.replace('~', '~0').replace('/', '~1')}")


def pointers_of(value, pointer):
    [(kind, content)] = value.items()
    if kind == "B" or kind in SETS:
        yield pointer, kind
    elif kind == "M":
        yield from pointers(content, pointer)
    elif kind == "L":
        for index, member in enumerate(content):
            yield from pointers_of(member, f"{pointer}/{index}")


def changed(old, new):
    names = {name for name in {*old, *new} if comparable(old.get(name)) != comparable(new.get(name))}
    return by_bytes(names)


def comparable(value):
    """A typed value whose sets compare in any order."""
    if value is None:
        return None
    [(kind, content)] = value.items()
    if kind in SETS:
        return kind, tuple(sorted(content))
    if kind == "M":
        return kind, tuple(sorted((name, comparable(member)) for name, member in content.items()))
    return (kind, tuple(map(comparable, content))) if kind == "L" else (kind, content)


def timestamp_of_seconds(count):
    """Seconds, unless there are too many for a time until the year 9999: then milliseconds or microseconds."""
    if count is None:
        return None
    unit = next(unit for unit in (1_000_000, 1_000, 1) if count * unit / 1_000_000 < YEAR_10000)
    return timestamp(round(count * unit))


def timestamp(microseconds):
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=microseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def is_aggregate(data):
    return data[:4] == AGGREGATE


def data_of(record):
    """The data of a Kinesis record, or of each record that the Kinesis Producer Library packed into it."""
    data = base64.b64decode(envelope(record)["data"])
    return packed(data[4:-16]) if is_aggregate(data) else [data]


def packed(message):
    """Field 3 of the AggregatedRecord message holds a record, whose field 3 holds its data."""
    return [data for number, body in fields(message) if number == 3 for inner, data in fields(body) if inner == 3]


def fields(message):
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        size, at = varint(message, at)
        if tag & 7 == 2:
            yield tag >> 3, message[at : at + size]
            at += size


def varint(message, at):
    result = shift = 0
    while True:
        byte, at = message[at], at + 1
        result |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return result, at
