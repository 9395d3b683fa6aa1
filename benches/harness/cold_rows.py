"""Starts with the executable out of the page cache."""

import contextlib
import shutil
import statistics
from pathlib import Path

from harness import contestants, tool, volume
from harness.paths import RELEASE
from harness.row import Row, at_most, not_measured

# What Linux reads ahead by default, and what the goals are for.
READ_AHEAD = 128

ROUNDS = 5

WHAT = "start, executable out of the page cache, read-ahead 128 KB, until the first poll: {}"
FAULTS, BYTES = WHAT.format("major page faults"), WHAT.format("bytes read")


def start(inputs: dict) -> list[Row]:
    with folder() as place:
        if place is None:
            return neither(f"files are read ahead by another size than {READ_AHEAD} KB here, and nothing can be mounted")
        ours, hello = cold(place, inputs["empty"])
    if not ours["read_bytes"]:
        return neither("the page cache keeps the file")
    faults, megabytes = ours["major_faults"], ours["read_bytes"] / 1e6
    return [
        at_most(FAULTS, 22, faults, "", f"{ours['milliseconds']:.1f} ms", f"hello: {hello['major_faults']:.0f}", ours),
        at_most(BYTES, 2.2, megabytes, " MB", "", f"hello: {hello['read_bytes'] / 1e6:.2f} MB", ours),
    ]


def neither(why: str) -> list[Row]:
    return [not_measured(FAULTS, "≤ 22", why), not_measured(BYTES, "≤ 2.2 MB", why)]


def folder():
    """Where the build is, if its file system reads ahead as wanted, or else one that does."""
    try:
        kilobytes = int(volume.read_ahead(RELEASE).read_text())
    except OSError:
        # Some file systems have no such setting.
        kilobytes = None
    return contextlib.nullcontext(RELEASE) if kilobytes == READ_AHEAD else volume.reading_ahead(READ_AHEAD)


def cold(place: Path, payload: Path) -> list[dict]:
    """The medians of changefan and of a bare hello."""
    racing = [contestants.changefan(payload, contestants.ALL_SINKS), contestants.hello(payload)]
    starts = tool.cold([one | {"command": [moved(one["command"][0], place)]} for one in racing], ROUNDS)
    return [medians([start for start in starts if start["name"] == one["name"]]) for one in racing]


def moved(program: str, place: Path) -> str:
    if place != RELEASE:
        shutil.copy2(program, place)
    return str(place / Path(program).name)


def medians(starts: list[dict]) -> dict:
    keys = ("milliseconds", "major_faults", "read_bytes")
    return {key: statistics.median(start[key] for start in starts) for key in keys}
