"""Batches of DynamoDB Streams as a mapping sends them, generated from a seed."""

import json
import random
from pathlib import Path

SEED = 20_230_711

# The largest payload of an invocation, in bytes.
PAYLOAD_LIMIT = 6 * 1024 * 1024

# The largest batch of a mapping, in records.
RECORD_LIMIT = 10_000

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2023-05-19T02:24:40.803"
FIRST_SECOND = 1_689_103_530
WORDS = "amber basil cedar dune ember fjord grove harbor iris jade kelp lotus maple nectar ocean pearl quartz".split()


def generate(folder: Path) -> dict[str, Path]:
    """Writes all payloads and returns their files by name."""
    orders = records(order_change)
    small = records(small_change)
    batches = {"orders": orders, "small": small, "empty": []}
    batches |= {f"small-{count}": small[:count] for count in (1, 10, 100, 1_000, 10_000)}
    batches |= {f"orders-{count}": orders[:count] for count in (1, 10, 100, 1_000)}
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.json" for name in batches}
    for name, file in files.items():
        file.write_text(payload(batches[name]), encoding="utf-8")
    return files


def payload(batch: list[str]) -> str:
    return '{"Records":[' + ",".join(batch) + "]}"


def records(change) -> list[str]:
    """As many records as one invocation accepts."""
    chance = random.Random(SEED)
    batch, size = [], len(payload([]))
    while len(batch) < RECORD_LIMIT:
        record = json.dumps(change(chance, len(batch)), ensure_ascii=False, separators=(",", ":"))
        size += len(record.encode()) + 1
        if size > PAYLOAD_LIMIT:
            break
        batch.append(record)
    return batch


def record(chance: random.Random, index: int, name: str, view: str, images: dict) -> dict:
    sequence_number = 100_000_000_006_899_888_825 + index * 1_013
    return {
        "eventID": f"{chance.getrandbits(128):032x}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            # All within one hour, as the records of a batch mostly are.
            "ApproximateCreationDateTime": FIRST_SECOND + index // 50,
            **images,
            "SequenceNumber": str(sequence_number),
            "SizeBytes": 128,
            "StreamViewType": view,
        },
        "eventSourceARN": ARN,
    }


def small_change(chance: random.Random, index: int) -> dict:
    """An item of six attributes, only as it is after the change."""
    key = {"id": {"S": f"order-{index:08}"}}
    item = key | {
        "customer": {"S": f"customer-{chance.randrange(10**8):08}"},
        "status": {"S": chance.choice(["placed", "packed", "sent"])},
        "total": {"N": f"{chance.randrange(100, 10**7) / 100:.2f}"},
        "quantity": {"N": str(chance.randrange(1, 99))},
        "note": {"S": text(chance, 6)},
    }
    name = chance.choice(["INSERT", "MODIFY", "MODIFY"])
    return record(chance, index, name, "NEW_IMAGE", {"Keys": key, "NewImage": item})


def order_change(chance: random.Random, index: int) -> dict:
    """A rich item, mostly with both images: one in ten is an insert, one in ten a removal, some of those by TTL."""
    new = order(chance, index)
    key = {name: new[name] for name in ("pk", "sk")}
    kind = chance.choices(["MODIFY", "INSERT", "REMOVE"], [8, 1, 1])[0]
    images = {"Keys": key}
    if kind != "REMOVE":
        images["NewImage"] = new
    if kind != "INSERT":
        images["OldImage"] = before(chance, new)
    change = record(chance, index, kind, "NEW_AND_OLD_IMAGES", images)
    if kind == "REMOVE" and chance.random() < 0.5:
        change["userIdentity"] = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
    return change


def order(chance: random.Random, index: int) -> dict:
    return {
        "pk": {"S": f"customer#{chance.randrange(10**6):06}"},
        "sk": {"S": f"order#2023-07-11#{index:08}"},
        "status": {"S": chance.choice(["placed", "packed", "sent"])},
        "version": {"N": str(chance.randrange(2, 40))},
        "total": {"N": f"{chance.randrange(100, 10**7) / 100:.2f}"},
        # As many digits as DynamoDB keeps; a double holds 17 of them.
        "ledger": {"N": str(chance.randrange(10**37, 10**38))},
        "rate": {"N": f"0.{chance.randrange(10**11, 10**12)}"},
        "paid": {"BOOL": chance.random() < 0.5},
        "coupon": {"NULL": True},
        # Sets are sorted, because Python's have no order and are compared with the others.
        "tags": {"SS": sorted(chance.sample(WORDS, 3))},
        "parcels": {"NS": [str(number) for number in sorted(chance.sample(range(1000), 3))]},
        "address": {"M": address(chance)},
        "lines": {"L": [line(chance) for _ in range(chance.randrange(2, 5))]},
        "note": {"S": note(chance)},
        "updated_at": {"S": f"2023-07-11T19:{chance.randrange(60):02}:{chance.randrange(60):02}Z"},
        "expires": {"N": str(FIRST_SECOND + chance.randrange(10**6))},
    }


def before(chance: random.Random, new: dict) -> dict:
    """The item before an update: most attributes are the same."""
    changes = {
        "status": {"S": "new"},
        "version": {"N": str(int(new["version"]["N"]) - 1)},
        "updated_at": {"S": "2023-07-11T18:00:00Z"},
    }
    if chance.random() < 0.3:
        changes["total"] = {"N": "0"}
    return new | changes


def address(chance: random.Random) -> dict:
    return {
        "street": {"S": f"{chance.randrange(1, 200)} {text(chance, 2)} street"},
        "city": {"S": text(chance, 1)},
        "geo": {"M": {axis: {"N": f"{chance.uniform(-90, 90):.6f}"} for axis in ("latitude", "longitude")}},
    }


def line(chance: random.Random) -> dict:
    price = {"amount": {"N": f"{chance.randrange(100, 10**5) / 100:.2f}"}, "currency": {"S": "EUR"}}
    return {
        "M": {
            "sku": {"S": f"sku-{chance.randrange(10**6):06}"},
            "title": {"S": text(chance, 3)},
            "quantity": {"N": str(chance.randrange(1, 20))},
            "price": {"M": price},
        }
    }


def note(chance: random.Random) -> str:
    """One in ten has to be escaped, one in ten is not ASCII."""
    plain = text(chance, 8)
    return chance.choices([plain, f'"{plain}"\nthanks', f"{plain} – für später ☂"], [8, 1, 1])[0]


def text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(words))
