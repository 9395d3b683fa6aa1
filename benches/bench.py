"""Measures changefan against its goals and its peers, in one run on one machine.

Builds everything, compares what all contestants write, measures, and writes target/benches/results.md, results.json and
plot.svg. It takes about half an hour on two cores, nearly all of it for building. Run it on a machine that does nothing
else.
"""

import argparse
import sys

from harness import builds, callgrind, inputs, instruction_rows, machine, memory_rows, plot, report, time_rows
from harness.paths import OUT, WORK


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--no-build", action="store_true", help="measure what was built before")
    arguments.add_argument("--rounds", type=int, default=time_rows.ROUNDS, help="measured invocations of each")
    arguments.add_argument("--inputs", action="store_true", help="only generate the inputs")
    arguments.add_argument("--publish", action="store_true", help="write the results into README and docs")
    options = arguments.parse_args()
    if options.inputs:
        inputs.generate(OUT / "inputs")
        return
    time_rows.ROUNDS = options.rounds
    callgrind.require()
    if not options.no_build:
        build()
    WORK.mkdir(parents=True, exist_ok=True)
    payloads = say("generating inputs", inputs.generate, OUT / "inputs")
    rows, times, points = measure(payloads)
    text = report.write(OUT, rows, time_rows.ROUNDS)
    print(text)
    plot.write(OUT / "plot.svg", times, points, machine.shape())
    if options.publish:
        report.publish(text, OUT / "plot.svg")
    say(f"wrote results.md, results.json and plot.svg to {OUT.relative_to(OUT.parents[1])}/", int)


def build() -> None:
    builds.bootstrap()
    builds.packages()
    builds.node()
    builds.python()


def measure(payloads: dict) -> tuple[list, dict, list]:
    rows = [say("counting the start", instruction_rows.start, payloads)]
    rows += [say("counting the first request", instruction_rows.first_request, payloads)]
    outcomes, times = say("comparing and racing to stdout", time_rows.standard_output, payloads)
    rows += outcomes
    rows += say("counting decoding and encoding", instruction_rows.per_byte, payloads)
    rows += say("racing S3 and null", time_rows.s3, payloads)
    rows += say("racing to Firehose", time_rows.firehose, payloads)
    rows += [say("checking calls against AWS's limits", memory_rows.accepted, payloads)]
    rows += say("measuring memory", memory_rows.peak, payloads)
    row, points = say("growing", memory_rows.growth, payloads, time_rows.ROUNDS)
    rows += [row, memory_rows.executable()]
    rows += say("invoking at once", time_rows.several_at_once, payloads)
    return rows, times, points


def say(what: str, do, *arguments):
    print(f"+ {what}", file=sys.stderr, flush=True)
    return do(*arguments)


if __name__ == "__main__":
    main()
