"""The changes that are written to the table, and the ledger of what must arrive for them."""

import random
from base64 import b64encode
from dataclasses import dataclass
from decimal import Decimal

KEY = "referenceId"
ITEMS = 300
SAMPLE_KEY = "sample-reference-id-12345"
SAMPLE = {
    KEY: {"S": SAMPLE_KEY},
    "customer_id": {"S": "customer-12345"},
    "quantity": {"N": "25"},
    "total": {"N": "1250.5"},
    "change": {"N": "249.5"},
}
# No U+0085 and no U+2028: the emulator ends a log line there. JSON and AWS do not.
WORDS = [
    *("plain", "grüße", "注文", "📦🚚", "نص", "e\u0301"),
    *('a "quoted" \\ word', "two\nlines\tand a tab", "</script>&'", "\u0001"),
]
NUMBERS = [
    "0",
    "-1",
    "0.1",
    "12345678901234567890123456789012345678",
    "-0.00000000000000000000000000000000000000012345678901234567890123456789012345678",
    "9007199254740993",
    "1E-130",
    "9.9999999999999999999999999999999999999E+125",
]


@dataclass(frozen=True)
class Change:
    operation: str
    key: str
    revision: object  # with key and operation, it distinguishes a change from all others
    old: object
    new: object

    @property
    def identity(self):
        return (self.key, self.operation, self.revision)


class Ledger:
    """Writes to the table, and keeps the change that each write must make."""

    def __init__(self, dynamodb, table):
        self.dynamodb, self.table = dynamodb, table
        self.items = {}
        self.changes = []

    def put(self, item):
        self.dynamodb.put_item(TableName=self.table, Item=item)
        self._keep(item[KEY]["S"], item)

    def set(self, key, name, value):
        self.dynamodb.update_item(
            TableName=self.table,
            Key={KEY: {"S": key}},
            UpdateExpression="SET #name = :value ADD revision :one",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": value, ":one": {"N": "1"}},
        )
        revision = int(self.items[key]["revision"]["N"]) + 1
        self._keep(key, {**self.items[key], name: value, "revision": {"N": str(revision)}})

    def delete(self, key):
        self.dynamodb.delete_item(TableName=self.table, Key={KEY: {"S": key}})
        self._keep(key, None)

    def _keep(self, key, new):
        old = self.items.pop(key, None)
        if new is not None:
            self.items[key] = new
        operation = "REMOVE" if new is None else "MODIFY" if old else "INSERT"
        self.changes.append(Change(operation, key, revision_of(plain(new or old)), plain(old), plain(new)))


def write_samples(ledger):
    """The life of one order: placed, paid in cash, removed."""
    ledger.put(SAMPLE)
    ledger.put({**SAMPLE, "cash": {"N": "1500"}})
    ledger.delete(SAMPLE_KEY)


def write_many(ledger):
    """Some hundreds of changes with every type that an attribute can have, the same in every run."""
    chance = random.Random(2023)
    for number in range(ITEMS):
        ledger.put(order(number, chance))
    for key in chance.sample(sorted(ledger.items), ITEMS // 2):
        ledger.set(key, "note", {"S": chance.choice(WORDS)})
    for key in chance.sample(sorted(ledger.items), ITEMS // 3):
        ledger.set(key, "total", {"N": f"{chance.randrange(10**6)}.25"})
    for key in chance.sample(sorted(ledger.items), ITEMS // 4):
        ledger.delete(key)


def order(number, chance):
    return {
        KEY: {"S": f"order-{number:04}"},
        "revision": {"N": "1"},
        "customer_id": {"S": f"customer-{chance.randrange(12):02}"},
        "quantity": {"N": str(chance.randrange(1, 100))},
        "total": {"N": f"{chance.randrange(10**5)}.5"},
        "precise": {"N": NUMBERS[number % len(NUMBERS)]},
        "note": {"S": WORDS[number % len(WORDS)] + f" {number}"},
        "receipt": {"B": bytes([number % 256, 0, 255, 10])},
        "paid": {"BOOL": number % 2 == 0},
        "coupon": {"NULL": True},
        "lines": {"L": [{"M": {"sku": {"S": f"sku-{n}"}, "price": {"N": f"{n}.75"}}} for n in range(number % 4)]},
        "address": {"M": {"city": {"S": "Zürich"}, "geo": {"M": {"lat": {"N": "47.3769"}}}, "none": {"M": {}}}},
        "tags": {"SS": ["gift", "night", "über"]},
        "sizes": {"NS": ["1", "2.5", "-3"]},
        "seals": {"BS": [b"\x00\x01", b"seal"]},
    }


def revision_of(image):
    return image.get("revision")


def plain(image):
    """An image as plain Python, numbers exact; None for none."""
    return None if image is None else {name: plain_value(value) for name, value in image.items()}


def plain_value(typed):
    """A set becomes a frozenset: the order of its members has no meaning."""
    [(kind, value)] = typed.items()
    if kind == "N":
        return Decimal(value)
    if kind == "NULL":
        return None
    if kind == "M":
        return plain(value)
    if kind == "L":
        return [plain_value(member) for member in value]
    if kind in ("SS", "NS", "BS"):
        return frozenset(plain_value({kind[0]: member}) for member in value)
    return base64_text(value) if kind == "B" else value


def base64_text(binary):
    """Binary as the formats write it; what was read from JSON is base64 already."""
    return binary if isinstance(binary, str) else b64encode(binary).decode()
