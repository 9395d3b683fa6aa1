"""Compares what the contestants have written, before anything is measured."""

import itertools
import json
from decimal import Decimal
from pathlib import Path


def compare(expected: Path, found: Path) -> str:
    """How one output compares with another: a note for the table, or the end of the benchmark."""
    rounded = 0
    with expected.open(encoding="utf-8") as ours, found.open(encoding="utf-8") as theirs:
        for number, (our, their) in enumerate(itertools.zip_longest(ours, theirs), 1):
            if our is None or their is None:
                raise SystemExit(f"{expected} and {found} differ in length at line {number}")
            if exact(our) == exact(their):
                continue
            if json.loads(our, parse_int=float) != json.loads(their, parse_int=float):
                raise SystemExit(f"{expected} and {found} differ in line {number}:\n{our}\n{their}")
            rounded += 1
    return f"equal but for digits lost in {rounded:,} of {number:,} lines" if rounded else "equal"


def exact(line: str):
    return json.loads(line, parse_float=Decimal, parse_int=Decimal)
