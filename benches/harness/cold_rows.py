"""Starts with the executable out of the page cache."""

import os
import statistics
from pathlib import Path

from harness import contestants, tool
from harness.paths import RELEASE
from harness.row import Row, at_most, not_measured

# What Linux reads ahead by default, and what the goals are for.
READ_AHEAD = 128

ROUNDS = 5

FAULTS = "start, executable out of the page cache, read-ahead 128 KB: major page faults until the first poll"
BYTES = "start, executable out of the page cache, read-ahead 128 KB: bytes read until the first poll"


def start(inputs: dict) -> list[Row]:
    racing = [contestants.changefan(inputs["empty"], contestants.ALL_SINKS), contestants.hello(inputs["empty"])]
    starts = tool.cold(racing, ROUNDS)
    ours, hello = (of(one["name"], starts) for one in racing)
    if reason := why_not(ours["read_bytes"]):
        return [not_measured(FAULTS, "≤ 22", reason, ours), not_measured(BYTES, "≤ 2.2 MB", reason, ours)]
    faults, megabytes = ours["major_faults"], ours["read_bytes"] / 1e6
    beside = f"hello: {hello['major_faults']:.0f}", f"hello: {hello['read_bytes'] / 1e6:.2f} MB"
    return [
        at_most(FAULTS, 22, faults, "", f"{ours['milliseconds']:.1f} ms", beside[0], ours),
        at_most(BYTES, 2.2, megabytes, " MB", "", beside[1], ours),
    ]


def of(name: str, starts: list[dict]) -> dict:
    """The medians of a contestant."""
    keys = ("milliseconds", "major_faults", "read_bytes")
    return {key: statistics.median(one[key] for one in starts if one["name"] == name) for key in keys}


def why_not(read_bytes: float) -> str | None:
    """Why the figures cannot be compared with the goals, if so."""
    if not read_bytes:
        return "the page cache keeps the file"
    file = read_ahead(RELEASE)
    try:
        kilobytes = int(file.read_text())
    except OSError:
        return f"{file}, which says how much is read ahead, cannot be read"
    if kilobytes != READ_AHEAD:
        return f"{kilobytes} KB are read ahead here; as root: echo {READ_AHEAD} > {file}"
    return None


def read_ahead(folder: Path) -> Path:
    """Where the kernel keeps the read-ahead of a folder's file system."""
    device = folder.stat().st_dev
    return Path(f"/sys/class/bdi/{os.major(device)}:{os.minor(device)}/read_ahead_kb")
