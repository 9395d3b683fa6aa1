"""Reads an export's items into a file of plain JSON lines, as one would write it with boto3's deserialiser.

    export.py EXPORT FILE
"""

import gzip
import json
import sys
from decimal import Decimal
from pathlib import Path

from boto3.dynamodb.types import TypeDeserializer

DESERIALIZER = TypeDeserializer()


def main(export, file):
    with open(file, "w", encoding="utf-8") as out:
        for data in sorted(Path(export, "data").glob("*.json.gz")):
            with gzip.open(data, "rt", encoding="utf-8") as lines:
                for line in lines:
                    item = json.loads(line)["Item"]
                    plain_item = {name: DESERIALIZER.deserialize(value) for name, value in item.items()}
                    out.write(json.dumps(plain_item, default=plain, ensure_ascii=False) + "\n")


def plain(value):
    """What json cannot write: numbers are Decimals, and sets are sets."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return sorted(value)


if __name__ == "__main__":
    main(*sys.argv[1:])
