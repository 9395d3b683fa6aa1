"""Write README.md's table of sinks from terraform/sinks.json, which `changefan schema` prints.

    readme_sinks.py            write it
    readme_sinks.py --check    fail if it is not current
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
TABLE = re.compile(r"(?<=<!-- generated: sinks -->\n).*?(?=<!-- end -->)", re.DOTALL)
ORDERS = {"none": "any", "per_key": "per item", "total": "per shard"}


def main():
    current = README.read_text()
    expected, tables = TABLE.subn(lambda _: table(), current)
    if tables != 1:
        sys.exit("readme: README.md has no lines <!-- generated: sinks --> and <!-- end -->; add them where the table belongs")
    if sys.argv[1:] != ["--check"]:
        README.write_text(expected)
    elif current != expected:
        sys.exit("readme: the sinks of README.md are not current; run python3 tests/end_to_end/readme_sinks.py")
    else:
        print("readme: the sinks of README.md are current")


def table():
    sinks = json.loads((ROOT / "terraform" / "sinks.json").read_text())["sinks"]
    rows = [row(name, sink) for name, sink in sorted(sinks.items())]
    return "\n".join(["| type | what arrives | order | options |", "|---|---|---|---|", *rows, ""])


def row(name, sink):
    options = sorted(sink["options"].items(), key=lambda item: not item[1]["required"])
    return f"| `{name}` | {sink['help']} | {ORDERS[sink['ordering']]} | {', '.join(option(*item) for item in options)} |"


def option(name, schema):
    """The name, then its values and its default. Every sink has the formats; the page lists them once."""
    listed = "" if name in ("format", "numbers") else ", ".join(f"`{value}`" for value in schema.get("allowed") or [])
    default = "required" if schema["required"] else f"default `{schema['default']}`" if schema["default"] else ""
    notes = "; ".join(note for note in (listed, default) if note)
    return f"`{name.upper()}` ({notes})" if notes else f"`{name.upper()}`"


if __name__ == "__main__":
    main()
