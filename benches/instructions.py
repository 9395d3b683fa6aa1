"""Fails when changefan takes over 10 % more instructions than were recorded: `make test-instructions`.

Starting is counted with the function as it is deployed, decoding and encoding with `counted`. Pages are those of the
executable whose code a start executes: `start_order.py` reduces them. What is counted does not depend on the machine's
speed or load. It depends a little on its libraries: the C library's loader and allocator are part
of the start, and the C library chooses how to copy memory by the processor, which is the one that valgrind plays. That is
why a tenth more passes. `--record` writes down what is counted now: do so with every improvement, so that it is kept.
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

from harness import builds, callgrind, contestants, executed, inputs, instruction_rows
from harness.paths import BENCHES, DEPLOYED, OUT, RELEASE, WORK

RECORD = BENCHES / "instructions.json"

START_PAGES = "start pages"

# The processor whose instructions were recorded.
RECORDED_ON = ("x86_64", "amd64")

# The excess over the recorded counts that is a regression.
TOLERANCE = 0.10


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--record", action="store_true", help="write down what is counted now")
    arguments.add_argument("--no-build", action="store_true", help="count what was built before")
    options = arguments.parse_args()
    if reason := why_not():
        return pass_over(reason)
    if not options.no_build:
        builds.deployed()
        builds.packages(("tool", "counted"))
    WORK.mkdir(parents=True, exist_ok=True)
    counted = count(inputs.generate(OUT / "inputs"))
    if options.record:
        RECORD.write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")
        print(f"recorded in {RECORD.relative_to(BENCHES.parent)}")
    sys.exit(check(counted, json.loads(RECORD.read_text(encoding="utf-8"))))


def why_not() -> str | None:
    """Why nothing can be counted here, if so."""
    if platform.machine().lower() not in RECORDED_ON:
        return f"they were recorded on {RECORDED_ON[0]}, and this machine is {platform.machine()}"
    return None if callgrind.install() else callgrind.MISSING


def pass_over(reason: str) -> None:
    """CI fails rather than skips."""
    said = f"instructions are not counted: {reason}"
    sys.exit(said) if os.environ.get("CI") == "true" else print(said)


def count(payloads: dict[str, Path]) -> dict[str, int]:
    function = contestants.changefan(payloads["empty"], contestants.ALL_SINKS) | {"command": [str(DEPLOYED)]}
    counted = {"start": instruction_rows.until_answer(function), START_PAGES: executed.pages(DEPLOYED, payloads["empty"])}
    for items in ("orders", "small"):
        for step in ("read", "decode", "json", "rows", "log"):
            program = [RELEASE / "counted", step, payloads[items]]
            counted[f"{step} {items}"] = callgrind.count(program, WORK / "counted.callgrind")
    return counted


def check(counted: dict[str, int], recorded: dict[str, int]) -> int:
    """Prints one line per count; 1 if one exceeds its ceiling or was never recorded."""
    failed = False
    for name, now in counted.items():
        before = recorded.get(name, 0)
        over = now > before * (1 + TOLERANCE)
        failed |= over
        change = f"{now / before - 1:+.1%}" if before else "not recorded"
        unit = "pages" if name == START_PAGES else "instructions"
        print(f"{'FAIL' if over else 'ok':4}  {name:14} {now:>12,} {unit}, {change}")
    if failed:
        print(f"over {TOLERANCE:.0%} more than recorded: fix it, or record the new count with --record")
    return int(failed)


if __name__ == "__main__":
    main()
