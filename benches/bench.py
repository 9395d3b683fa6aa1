"""Measures changefan against its goals and its peers, in one run on one machine.

Builds everything, compares what all contestants write, measures, and writes target/benches/results.md, results.json and
plot.svg. It takes about 40 minutes on two cores, most of it for building. Run it on a machine that does nothing
else.
"""

import argparse
import sys

from harness import (
    backfill_rows,
    builds,
    cold_rows,
    fault_rows,
    floor_rows,
    inputs,
    instruction_rows,
    machine,
    memory_rows,
    plot,
    prerequisites,
    report,
    time_rows,
    tool,
)
from harness.paths import OUT, WORK

# What is measured, in the order of the table. Each takes the payloads and returns a row or a list of them.
STEPS = {
    "start": instruction_rows.start,
    "cold": cold_rows.start,
    "request": instruction_rows.first_request,
    "floor": floor_rows.standard_output,
    "peers": time_rows.standard_output,
    "faults": fault_rows.warm,
    "invocation": instruction_rows.whole_invocation,
    "codec": instruction_rows.per_byte,
    "s3": time_rows.s3,
    "firehose": time_rows.firehose,
    "limits": memory_rows.accepted,
    "memory": memory_rows.peak,
    "growth": memory_rows.growth,
    "executable": memory_rows.executable,
    "concurrency": time_rows.several_at_once,
    "backfill": backfill_rows.backfill,
}


def main() -> None:
    options = arguments().parse_args()
    if options.inputs:
        inputs.generate(OUT / "inputs")
        return
    prerequisites.require(build=not options.no_build)
    tool.ROUNDS = options.rounds
    if not options.no_build:
        build()
    WORK.mkdir(parents=True, exist_ok=True)
    rows = measure(say("generating inputs", inputs.generate, OUT / "inputs"), options.only or STEPS)
    if options.only:
        print(report.table(rows))
        return
    text = report.write(OUT, rows, tool.ROUNDS)
    print(text)
    plot.write(OUT / "plot.svg", time_rows.by_items(rows), memory_rows.grown(rows), machine.shape())
    if options.publish:
        report.publish(text, rows, OUT / "plot.svg")
    print(f"+ wrote results.md, results.json and plot.svg to {OUT.relative_to(OUT.parents[1])}/", file=sys.stderr)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-build", action="store_true", help="measure what was built before")
    parser.add_argument("--rounds", type=int, default=tool.ROUNDS, help="measured invocations of each")
    parser.add_argument("--only", nargs="+", choices=STEPS, help="measure these parts, and only print them")
    parser.add_argument("--inputs", action="store_true", help="only generate the inputs")
    parser.add_argument("--publish", action="store_true", help="write the results into README and docs/performance.md")
    return parser


def build() -> None:
    builds.bootstrap()
    builds.command_line()
    builds.packages()
    builds.node()
    builds.python()


def measure(payloads: dict, steps) -> list:
    rows = []
    for step in steps:
        measured = say(f"measuring: {step}", STEPS[step], payloads)
        rows += measured if isinstance(measured, list) else [measured]
    return rows


def say(what: str, do, *arguments):
    print(f"+ {what}", file=sys.stderr, flush=True)
    return do(*arguments)


if __name__ == "__main__":
    main()
