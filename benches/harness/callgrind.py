"""Counts instructions with callgrind. The counts are the same on a busy machine."""

import collections
import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path

MISSING = "valgrind counts instructions and is not installed: on Debian and Ubuntu, apt-get install valgrind"


# A package that prompts uses its default.
QUESTIONS = {"DEBIAN_FRONTEND": "noninteractive"}


def install() -> bool:
    """Whether valgrind is installed, if necessary by installing its package. Never prompts for a password."""
    if shutil.which("valgrind") is None and shutil.which("apt-get") is not None:
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        print("installing the package valgrind, which counts instructions", flush=True)
        install = ["install", "--quiet=2", "--yes", "--no-install-recommends", "valgrind"]
        for command in (["update", "--quiet=2"], install):
            with contextlib.suppress(OSError):
                subprocess.run([*root, "apt-get", *command], env=os.environ | QUESTIONS, stdout=subprocess.DEVNULL)
    return shutil.which("valgrind") is not None


def command(out: Path) -> list[str]:
    """The command that precedes a program."""
    return ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}"]


def count(program: list, out: Path) -> int:
    """Runs a program to its end and returns its instructions."""
    subprocess.run([*command(out), *map(str, program)], check=True, stdout=subprocess.DEVNULL)
    return total(out)


def total(out: Path) -> int:
    """The instructions of a program that has ended."""
    found = re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.MULTILINE)
    if not found:
        raise SystemExit(f"callgrind has left no count in {out}")
    return int(found[1])


def functions(out: Path) -> list[tuple[str, int]]:
    """The instructions of each function without those of its callees, the most expensive first."""
    names, costs = {}, collections.Counter()
    function, skip = "", False
    for line in out.read_text().splitlines():
        if definition := re.match(r"fn=\((\d+)\)(?: (.*))?", line):
            number, name = definition.groups()
            function = names.setdefault(number, name or number)
        elif definition := re.match(r"cfn=\((\d+)\) (.*)", line):
            names.setdefault(*definition.groups())
        elif line.startswith("calls="):
            # The next line has the callee's cost.
            skip = True
        elif cost := re.match(r"(?:[+-]?\d+|\*) (\d+)$", line):
            costs[function] += 0 if skip else int(cost[1])
            skip = False
    return costs.most_common()
