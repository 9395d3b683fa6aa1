"""A full batch beside functions that receive and write as many bytes, but decode nothing."""

from pathlib import Path

from harness import contestants, tool
from harness.paths import WORK
from harness.row import Row, at_most

# changefan's CPU time as a multiple of the raw floor's.
GOALS = {"orders": 3.3, "small": 3.0}

WHAT = "full batch to stdout, `json`, {}: CPU ÷ {}"


def standard_output(inputs: dict) -> list[Row]:
    return [row for name in GOALS for row in beside_floors(inputs[name], name)]


def beside_floors(payload: Path, name: str) -> list[Row]:
    size = {"FLOOR_BYTES": str(lines(payload, "json").stat().st_size)}
    racing = [contestants.changefan(payload, contestants.TO_STANDARD_OUTPUT)]
    racing += [contestants.floor(floor, payload, size) for floor in ("raw", "runtime")]
    ours, raw, runtime = tool.measure_processes(racing)
    values = {"changefan CPU": ours.cpu, "raw CPU": raw.cpu, "runtime CPU": runtime.cpu}
    what = WHAT.format(name, "raw floor")
    goal = at_most(what, GOALS[name], ours.cpu_ratio(raw), " ×", shown(ours), f"raw HTTP: {shown(raw)}", values)
    what, measured = WHAT.format(name, "`lambda_runtime` floor"), f"**{ours.cpu_ratio(runtime):.3g} ×**; {shown(ours)}"
    return [goal, Row(what, measured, f"payload untouched: {shown(runtime)}", values=values)]


def shown(outcome: tool.Outcome) -> str:
    return f"CPU {outcome.cpu:.1f} ms, page faults {outcome.faults:,.0f}, {outcome.megabytes:.0f} MB"


def lines(payload: Path, encoding: str) -> Path:
    """The lines that changefan makes of a payload, in a file."""
    file = WORK / f"{payload.stem}.{encoding}.jsonl"
    env = {"SINKS": "stdout", "STDOUT_FORMAT": encoding}
    tool.race([contestants.changefan(payload, env, output=str(file))])
    return file
