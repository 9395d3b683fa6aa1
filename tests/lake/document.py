"""The code blocks of docs/lake.md: what each is, and the table of results that follows it."""

import json
import re
from dataclasses import dataclass

import statements

FILE = statements.ROOT / "docs" / "lake.md"
# A comment that describes the block, the block, and the table after it.
BLOCK = re.compile(
    r"(?:<!-- (?P<kind>\w+) ?(?P<given>\{[^\n]*\})? -->\n)?```(?P<language>\w*)\n(?P<text>.*?)```\n(?:\n(?P<table>(?:\|[^\n]*\n)+))?",
    re.DOTALL,
)


@dataclass
class Block:
    kind: str | None  # a statement's name, or whose dialect it is
    given: dict
    language: str
    text: str
    table: str | None


def blocks(text=None):
    return [block(found) for found in BLOCK.finditer(text or FILE.read_text())]


def block(found):
    given = json.loads(found["given"]) if found["given"] else {}
    return Block(found["kind"], given, found["language"], found["text"], found["table"])


def table(columns, rows):
    lines = [columns, ["---"] * len(columns), *[[cell(value) for value in row] for row in rows]]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def cell(value):
    return "" if value is None else f"`{json.dumps(value)}`" if isinstance(value, list) else f"`{value}`"


def filled(kind, given):
    return statements.bare(statements.text(kind, **{name: value.replace("'", "''") for name, value in given.items()})).strip() + "\n"
