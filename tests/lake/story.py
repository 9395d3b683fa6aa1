"""A past written by hand: tests that expect exact rows say change by change what happened."""

import json
from datetime import datetime, timezone
from random import Random

import duck
import history
import objects
import payloads
import rows

ACCOUNT, REGION = "111111111111", "us-east-1"


class Story:
    def __init__(self, folder):
        self.folder = folder
        self.random = Random(0)
        self.tables = {}
        self.items = {}
        self.written = 0

    def table(self, name, account=ACCOUNT, region=REGION):
        return self.tables.setdefault((account, region, name), history.Table(account, region, name))

    def put(self, name, key, at, new, *, actor="user", recorded=None, captured=True, **place):
        """An item becomes `new`, plain values, or goes with None. `recorded` is the time that the stream says."""
        table = self.table(name, **place)
        keys = {"id": {"S": key}}
        new = None if new is None else {**keys, **{attribute: typed(value) for attribute, value in new.items()}}
        old = self.items.get((table.place, key))
        operation = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        recorded = microseconds(recorded or at)
        change = history.Change(table, microseconds(at), recorded, operation, keys, old, new, actor, captured)
        self.items[table.place, key] = new
        table.changes.append(change)
        if captured:
            self.write(change)

    def write(self, change):
        self.written += 1
        change.number, change.label = str(10**20 + self.written), "2024-01-01T00:00:00.000"
        change.event_id = f"{self.written:032x}"
        payload = {"Records": [payloads.stream_record(self.random, change)]}
        objects.write_changes(self.folder, rows.lines(payload))

    def export(self, name, at, *, snapshot=True, id=None, **place):
        """What the table holds at that time, by true times."""
        table, moment = self.table(name, **place), microseconds(at)
        last = {change.item: change for change in table.changes if change.at <= moment}
        present = [(change.keys, change.new) for change in last.values() if change.new is not None]
        export = history.Export(table, moment, present, id or f"{moment // 1000:014d}-00000000")
        objects.write_export(self.folder, export, snapshot)
        table.exports.append(export)
        return export

    def lake(self):
        """All changes and exports in the table `changes`."""
        lake = duck.Lake(self.folder)
        lake.merge("2024-01-01", "2024-12-31")
        for table in self.tables.values():
            for export in table.exports:
                while lake.merge_export(export):
                    pass
        return lake


def typed(value):
    """Plain Python as DynamoDB JSON; what is typed already stays."""
    match value:
        case dict():
            return value
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": str(value)}
        case _:
            return {"S": value}


def microseconds(text):
    moment = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
    return int(moment.timestamp()) * history.SECOND + moment.microsecond
