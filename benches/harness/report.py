"""Writes the one table and the results."""

import dataclasses
import json
import shutil
from pathlib import Path

from harness import contestants, headlines, machine
from harness.paths import ROOT
from harness.row import Row

MET = {True: "yes", False: "**no**", None: "–"}

BEGIN, END = "<!-- the table of make bench -->", "<!-- the end of the table -->"

EXPLANATION = """\
Measured by `make bench` in one run on one machine: {machine}; {versions}.

Times are medians of {rounds} invocations of each contestant, taken in turn (A B B A A B …) after a warm-up, from handing
the payload out to receiving the answer. CPU is the process's time on a core, in the kernel and outside of it, and page
faults are those that read no file: both are medians of the same invocations. Instructions are counted by callgrind, outside
of the kernel. Memory is the most that the process had resident. MB are millions of bytes.
"""


def write(folder: Path, rows: list[Row], rounds: int) -> str:
    versions = "; ".join(f"{name} {version}" for name, version in contestants.versions().items())
    text = EXPLANATION.format(machine=machine.shape(), versions=versions, rounds=rounds)
    text += "\n" + table(rows)
    (folder / "results.md").write_text(text, encoding="utf-8")
    results = {
        "machine": machine.shape(),
        "versions": contestants.versions(),
        "rows": [dataclasses.asdict(row) for row in rows],
    }
    (folder / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return text


def publish(text: str, rows: list[Row], picture: Path) -> None:
    """Writes the table and the plot into docs, and three lines into the README, between their markers."""
    shutil.copy(picture, ROOT / "docs" / "performance.svg")
    for page, part in ((ROOT / "README.md", headlines.lines(rows)), (ROOT / "docs" / "performance.md", text)):
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        page.write_text(f"{before}{BEGIN}\n{part}{END}{after}", encoding="utf-8")


def table(rows: list[Row]) -> str:
    lines = ["| what | measured | floor or peer | goal | reached |", "|---|---|---|---|---|"]
    lines += [f"| {row.what} | {row.measured} | {row.beside} | {row.goal} | {MET[row.met]} |" for row in rows]
    return "\n".join(lines) + "\n"
