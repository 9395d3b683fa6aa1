"""A table of 200,000 items that is exported twice while it changes: backfilled, killed, continued, and proven by `verify`."""

import base64
import os
import subprocess
import time
from decimal import Decimal
from random import Random

import duck
import exporter
import function
import history
import items
import past
import payloads
import pytest
import rows

ITEMS, CHANGES, BATCH = 200_000, 20_000, 500
HOUR, SECOND = history.HOUR, history.SECOND
START = history.START
ARGUMENTS = ["--keys", "pk,sk", "--workers", "2"]


class Table:
    """The table, its captured changes, and what it held at the probes."""

    def __init__(self, random):
        self.random = random
        self.table = history.Table("111111111111", "us-east-1", "orders", schema=(("pk", "S"), ("sk", "N")))
        self.items, self.probes, self.exports = {}, [], []
        for index in range(ITEMS):
            self.put(index, items.item(random, self.keys(index)))

    def keys(self, index):
        return {"pk": {"S": f"é{index % 1000}\""}, "sk": {"N": str(index)}}

    def put(self, index, item):
        if item is None:
            del self.items[index]
        else:
            self.items[index] = (item, rows.image(item))

    def change(self, index, at):
        """A random item is put, altered or deleted."""
        known = self.random.random() < 0.8
        number = self.random.choice(list(self.sample())) if known else self.random.randrange(2 * ITEMS)
        keys, old = self.keys(number), self.items.get(number, (None,))[0]
        new = items.item(self.random, keys) if old is None else items.altered(self.random, old, keys)
        if old is not None and self.random.random() < 0.2:
            new = None
        operation = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        self.put(number, new)
        recorded = at // SECOND * SECOND  # a stream's times are whole seconds
        change = history.Change(self.table, at, recorded, operation, keys, old, new)
        change.number, change.label, change.event_id = str(10**20 + 7 * index), history.LABELS[0], f"{index:032x}"
        return change

    def sample(self):
        """A few numbers of items that exist: choosing from all of them per change would take minutes."""
        while True:
            found = [number for number in (self.random.randrange(ITEMS) for _ in range(8)) if number in self.items]
            if found:
                return found

    def export(self, at, id):
        present = [({name: item[name] for name in ("pk", "sk")}, item) for item, _ in self.items.values()]
        self.exports.append(history.Export(self.table, at, present, id))

    def state(self):
        return {(*self.table.place, rows.image(self.keys(number))): text for number, (_, text) in self.items.items()}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Capture begins two hours before the first export; both exports and all probes lie between two changes."""
    folder, random = tmp_path_factory.mktemp("backfill"), Random(11)
    table, records, texts = Table(random), [], []
    for index in range(CHANGES):
        at = START + index * SECOND  # five and a half hours
        records.append(payloads.stream_record(random, table.change(index, at + SECOND // 2)))
        if index in (8_000, 15_000):
            table.export(at + SECOND, f"{at // 1000:014d}-0123abcd")
        if index >= 8_000 and index % 2_400 == 0:
            table.probes.append((at + SECOND - 1, table.state()))
    for first in range(0, len(records), BATCH):
        texts.append(payloads.payload(random, records[first : first + BATCH]))
    function.replay(folder, texts)
    for export in table.exports:
        exporter.write(folder / "source", random, export)
    return folder, table


def backfill(folder, export):
    environment = {"PATH": os.environ["PATH"], "SINKS": "file", "FILE_DIR": str(folder)}
    source = folder / "source" / "AWSDynamoDB" / export.id
    return subprocess.Popen([function.EXECUTABLE, "backfill", source, *ARGUMENTS], env=environment, stderr=subprocess.PIPE, text=True)


def objects(folder, export):
    """Key and time of writing of every object of an export."""
    found = (folder / f"exports/table=orders/export={export.id}").glob("*.jsonl.gz")
    return {path.name: path.stat().st_mtime_ns for path in found}


def imported(aws, folder, export):
    """The items that the emulator's ImportTable reads from the data files of an export."""
    bucket, prefix, name = "exports", f"AWSDynamoDB/{export.id}/data/", "imported"
    aws.client("s3").create_bucket(Bucket=bucket)
    for path in sorted((folder / "source" / prefix).iterdir()):
        aws.client("s3").put_object(Bucket=bucket, Key=prefix + path.name, Body=path.read_bytes())
    schema = export.table.schema
    parameters = {
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": kind} for key, kind in schema],
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for (key, _), kind in zip(schema, ("HASH", "RANGE"))],
    }  # fmt: skip
    client = aws.client("dynamodb")
    description = client.import_table(
        S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": prefix}, InputFormat="DYNAMODB_JSON", InputCompressionType="GZIP",
        TableCreationParameters=parameters,
    )["ImportTableDescription"]  # fmt: skip
    while description["ImportStatus"] == "IN_PROGRESS":
        time.sleep(0.2)
        description = client.describe_import(ImportArn=description["ImportArn"])["ImportTableDescription"]
    assert (description["ImportStatus"], description["ErrorCount"]) == ("COMPLETED", 0), description
    pages = client.get_paginator("scan").paginate(TableName=name)
    return [item for page in pages for item in page["Items"]]


def comparable(value):
    """A typed value that is equal for equal values: a table keeps no order of sets and no spelling of numbers."""
    [(kind, content)] = value.items()
    match kind:
        case "M":
            return kind, tuple(sorted((name, comparable(member)) for name, member in content.items()))
        case "L":
            return kind, tuple(map(comparable, content))
        case "SS" | "NS" | "BS":
            return kind, tuple(sorted(comparable({kind[0]: member}) for member in content))
        case "N":
            return kind, Decimal(content)
        case "B" if isinstance(content, str):
            return kind, base64.b64decode(content)
        case _:
            return kind, content


@pytest.fixture(scope="module")
def lake(place):
    """The first backfill is killed and continued, the second runs through."""
    folder, table = place
    first, second = table.exports
    running = backfill(folder, first)
    while len(objects(folder, first)) < 3:
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.01)
    running.kill()
    running.communicate()
    written = objects(folder, first)
    assert not any(name.startswith("snapshot") for name in written)
    for export in (first, second):
        running = backfill(folder, export)
        assert running.wait() == 0, running.stderr.read()
        running.stderr.close()
    assert written.items() <= objects(folder, first).items(), "an object was written again"
    lake = duck.Lake(folder)
    lake.merge("2024-02-28", "2024-02-29")
    for export in (first, second):
        while lake.merge_export(export):
            pass
    return lake


def test_state_equals_the_table_at_every_probe(place, lake):
    _, table = place
    assert len(table.probes) == 5
    for moment, expected in table.probes:
        assert lake.state(past.moment_text(moment), "changes") == expected


def test_import_table_reads_the_same_items(aws, place):
    """The exporter of these tests is checked by a reader that knows nothing of it."""
    folder, table = place
    export = table.exports[1]
    found = imported(aws, folder, export)
    assert len(found) == len(export.items)
    assert {comparable({"M": item}) for item in found} == {comparable({"M": item}) for _, item in export.items}


def test_every_item_of_an_export_is_read_once(place, lake):
    _, table = place
    for export in table.exports:
        found = lake.run(f"SELECT count(*), count(DISTINCT change_id) FROM exports WHERE export = '{export.id}'").fetchone()
        assert found == (len(export.items) + 1, len(export.items) + 1)


def test_rows_are_those_of_the_definition(place, lake):
    _, table = place
    export = table.exports[0]
    columns = ", ".join(f'"{name}"' for name in rows.MEMBERS)
    found = lake.run(f"SELECT {columns} FROM exports WHERE export = '{export.id}' AND operation = 'READ'").fetchall()
    for row, (keys, item) in zip(
        sorted(found, key=lambda row: row[rows.MEMBERS.index("keys")]),
        sorted(export.items, key=lambda pair: rows.image(pair[0])),
        strict=True,
    ):
        expected = rows.read_row(table.table.place, export.at, keys, item, export.arn)
        assert dict(zip(rows.MEMBERS, row)) == expected


def test_verify_finds_nothing_but_items_near_the_export(place, lake):
    _, table = place
    moment = past.moment_text(table.exports[1].at)
    assert {row[3] for row in lake.rows("verify", source="changes", moment=moment)} <= {"changed near the export"}


def test_verify_finds_a_lost_change(place, lake):
    """One change between the exports is taken out of the lake, long before the second."""
    _, table = place
    first, second = table.exports
    moment = past.moment_text(second.at)
    condition = f"""operation = 'MODIFY' AND changed <> [] AND "timestamp" > TIMESTAMP '{past.moment_text(first.at + HOUR // 4)}'
        AND "timestamp" < TIMESTAMP '{past.moment_text(second.at - HOUR)}'
        AND keys IN (SELECT keys FROM changes WHERE operation NOT IN ('READ', 'SNAPSHOT') GROUP BY keys HAVING count(*) = 1)"""
    lost, keys = lake.run(f"SELECT change_id, keys FROM changes WHERE {condition} ORDER BY change_id LIMIT 1").fetchone()
    lake.run(f"CREATE VIEW torn AS SELECT * FROM changes WHERE change_id <> '{lost}'")
    found = [row[3:5] for row in lake.rows("verify", source="torn", moment=moment) if row[3] != "changed near the export"]
    assert found == [("different", keys)]
