"""The three lines of the README, of the rows of the table."""

from harness.row import Row
from harness.time_rows import GOALS


def lines(rows: list[Row]) -> str:
    return "".join(f"- {line}\n" for line in (speed(rows), floors(rows), memory(rows)))


def speed(rows: list[Row]) -> str:
    times = ", ".join(f"{faster(rows, peer)} × as fast as {peer}" for peer in GOALS)
    return f"A full 6 MB batch to stdout, rich / small items: {times}."


def faster(rows: list[Row], peer: str) -> str:
    shown = [first(rows, f"full batch to stdout, `json`, {items}, against {peer}") for items in ("orders", "small")]
    return " / ".join(figure.split()[0] for figure in shown)


def floors(rows: list[Row]) -> str:
    batch = [first(rows, f"full batch to stdout, `json`, {items}: CPU ÷ raw floor") for items in ("orders", "small")]
    rich, small = (figure.split()[0] for figure in batch)
    line = f"{rich} / {small} × the CPU of receiving a batch and writing as many bytes undecoded"
    return f"{line}; a start takes {first(rows, 'start: instructions')} the instructions of a bare hello."


def memory(rows: list[Row]) -> str:
    one, four = (first(rows, f"peak memory, {sinks}") for sinks in ("any one sink", "all four sinks"))
    backfill = first(rows, "backfill")
    return f"At most {one} with any one sink, {four} with all four; exports are read at {backfill} per core."


def first(rows: list[Row], what: str) -> str:
    """The bold figure of the row that begins so."""
    row = next(row for row in rows if row.what.startswith(what))
    return row.measured.split("**")[1]
