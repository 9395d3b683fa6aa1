"""A made-up past of several tables: every change in its true order, and from it the state at any moment.

The past has what makes lakes go wrong: two tables with equal keys, one name in two regions and two accounts, streams
whose times are whole seconds or a second off, sequence numbers that grow from 20 to 21 digits, a stream that was
re-created, items that are re-created after a delete, changes before and outside of capture, and exports between them.
"""

from dataclasses import dataclass, field
from random import Random

import items
import rows

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
START = 1_709_161_200 * SECOND  # 2024-02-28T23:00:00Z: the days that follow include a leap day
SPAN = 3 * DAY
LABELS = ["2024-02-28T22:59:00.123", "2024-03-01T09:30:00.456"]


# Few, so that items are changed often, deleted and inserted again, and so that tables share them.
KEYS = {
    "S": ["q\"", "é", "e\u0301", "'", "🗝", "a|b", "a", "A", "\n", "{}", "\\", "a/b"],
    "N": items.NUMBERS,
    "B": ["AA==", "/w==", "AAE="],
}


@dataclass
class Table:
    account: str
    region: str
    name: str
    source: str = "dynamodb"
    clock: str = "second"  # or "millisecond", "microsecond"
    jitter: int = 0  # microseconds by which a recorded time may be off
    schema: tuple = (("pk", "S"),)
    recreated: bool = False
    gap: tuple | None = None  # from and to, in microseconds after START: nothing is captured
    before: int = 0  # items that were there before capture began
    changes: list = field(default_factory=list)
    exports: list = field(default_factory=list)

    @property
    def place(self):
        return self.account, self.region, self.name


@dataclass
class Change:
    table: Table
    at: int  # microseconds since 1970, the true time
    recorded: int  # as the stream says
    operation: str
    keys: dict
    old: dict | None
    new: dict | None
    actor: str = "user"
    captured: bool = True
    number: str = ""
    label: str = ""
    event_id: str = ""

    @property
    def item(self):
        return (*self.table.place, rows.image(self.keys))


@dataclass
class Export:
    table: Table
    at: int  # whole seconds, in microseconds since 1970
    items: list  # (keys, item)
    id: str = ""

    @property
    def arn(self):
        account, region, name = self.table.place
        return f"arn:aws:dynamodb:{region}:{account}:table/{name}/export/{self.id}"


def tables():
    """The tables of the past, each with its purpose."""
    pair = (("pk", "S"), ("sk", "N"))
    return [
        Table("111111111111", "us-east-1", "orders", before=6, schema=pair),
        Table("111111111111", "us-east-1", "customers", before=6, schema=pair),  # equal keys
        Table("111111111111", "eu-west-1", "orders", clock="millisecond", schema=pair),  # the name in another region
        Table("222222222222", "us-east-1", "orders", jitter=SECOND, schema=pair),  # … and in another account
        Table("111111111111", "us-east-1", "sessions", recreated=True, schema=(("id", "B"),)),
        Table("111111111111", "us-east-1", "payments", source="kinesis", clock="millisecond", before=4),
        Table("111111111111", "us-east-1", "clicks", source="kinesis", clock="microsecond", schema=(("ключ", "S"),)),
        Table("111111111111", "us-east-1", "gaps", before=8, gap=(20 * HOUR, 30 * HOUR)),
    ]


class History:
    """`changes` of all tables in the order of their true times."""

    def __init__(self, seed, changes_per_table=150):
        self.random = Random(seed)
        self.tables = tables()
        for table in self.tables:
            self.fill(table, changes_per_table)
        self.changes = sorted((change for table in self.tables for change in table.changes), key=lambda change: change.at)
        self.exports = [export for table in self.tables for export in table.exports]

    def fill(self, table, count):
        state = {}
        for _ in range(table.before):
            self.change(table, state, START - self.random.randrange(1, DAY), captured=False)
        for at in self.moments(count):
            self.change(table, state, at, captured=not in_gap(table, at))
        number(table, self.random)

    def moments(self, count):
        """In bursts: several changes fall into one second, a few into one millisecond. Exports come between them."""
        found, at = [], START
        for _ in range(count):
            at += self.random.choice([1, 700, 150_000, 400_000, 5 * SPAN // count])
            found.append(at)
        return found

    def change(self, table, state, at, captured):
        keys = self.random.choice(list(state.values()))[0] if state and self.random.random() < 0.7 else self.new_keys(table)
        known = rows.image(keys)
        old = state.get(known, (None, None))[1]
        new = self.next_image(table, keys, old)
        operation = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        actor = "ttl" if operation == "REMOVE" and self.random.random() < 0.3 else "user"
        recorded = self.recorded(table, at)
        table.changes.append(Change(table, at, recorded, operation, keys, old, new, actor, captured))
        state.pop(known, None)
        if new is not None:
            state[known] = (keys, new)

    def new_keys(self, table):
        keys = {}
        for name, kind in table.schema:
            keys[name] = {kind: self.random.choice(KEYS[kind][: 12 // len(table.schema)])}
        return keys

    def next_image(self, table, keys, old):
        if old is None:
            return items.item(self.random, keys)
        return None if self.random.random() < 0.2 else items.altered(self.random, old, keys)

    def recorded(self, table, at):
        unit = {"second": SECOND, "millisecond": 1000, "microsecond": 1}[table.clock]
        return (at + self.random.randint(-table.jitter, table.jitter)) // unit * unit

    def export(self, table, after):
        """Take an export `after` microseconds from the start, at a whole second."""
        at = (START + after) // SECOND * SECOND
        found = {}
        for change in table.changes:
            if change.at <= at:
                found[change.item] = (change.keys, change.new)
        present = [(keys, item) for keys, item in found.values() if item is not None]
        export = Export(table, at, present, f"{at // SECOND:014d}-{self.random.randrange(16**8):08x}")
        table.exports.append(export)
        self.exports.append(export)
        return export

    def state(self, moment, exported=True):
        """(account, region, table, keys) => new, as the lake has to answer: the last change in true order that is recorded by then.

        Without an export by then, what happened outside of capture is not known."""
        found = {}
        for table in self.tables:
            based = exported and any(export.at <= moment for export in table.exports)
            for change in table.changes:
                if change.recorded <= moment and (based or change.captured):
                    found[change.item] = rows.image(change.new)
        return {item: new for item, new in found.items() if new is not None}

    def captured(self):
        return [change for change in self.changes if change.captured]


def in_gap(table, at):
    return table.gap is not None and table.gap[0] <= at - START < table.gap[1]


def number(table, random):
    """Sequence numbers and labels, in true order. They cross from 20 to 21 digits, and start over with a new stream."""
    captured = [change for change in table.changes if change.captured]
    value = 10**20 - 37 * len(captured) // 2
    for index, change in enumerate(captured):
        second = table.recreated and index >= len(captured) // 2
        if second and captured[index - 1].label != LABELS[1]:
            value = 10**20 - 37 * len(captured)
        value += random.randint(1, 37)
        change.number, change.label = str(value), LABELS[second]
        change.event_id = f"{random.randrange(16**32):032x}"
