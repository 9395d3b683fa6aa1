"""The whole path on one machine: changes of a table go through the function to four sinks.

Build the function, start an AWS emulator, apply the Terraform module, write changes to the table, and compare what
arrived in each sink with what was written. Exits 0 only when every change arrived everywhere exactly once.

    demo.py [--source dynamodb|kinesis] [--check]      --check: print only the result
"""

import argparse
import shutil
import signal
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import build
import changes
import comparison
import emulator
import lake
import say
import show
import sinks
import terraform
import tools

TABLE = "orders"
SECONDS_WITHOUT_NEWS = 45
SECONDS_FOR_LATECOMERS = 3


def main():
    given = arguments()
    say.quiet = given.check
    started = time.monotonic()
    package = build.build(build.host_architecture())
    folder = fresh_folder(given.source)
    with emulator.running(folder) as aws, applied(folder, aws, package, given.source) as stack:
        ledger = write_changes(aws)
        arrived = wait_for_arrivals(sinks.Sinks(aws, stack.outputs()), len(ledger.changes))
        if not arrived["s3"].bodies:
            raise say.Failure(f"nothing arrived in S3\n{aws.last_failure()}")
        opened = lake.opened(lake.write(arrived["s3"].bodies, folder / "lake"))
        wrong = verify(ledger.changes, arrived, given.source) + lake.problems(opened, ledger)
        wrong += verify_athena(lake.Athena(aws, stack.outputs()), ledger)
        show.everything(arrived, lake.opened(folder / "lake"))
        complain_about(wrong + second_plan(stack), aws)
    summary(given.source, len(ledger.changes), time.monotonic() - started)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", choices=["dynamodb", "kinesis"], default="dynamodb")
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def fresh_folder(source):
    folder = tools.ROOT / "target" / "demo" / source
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


@contextmanager
def applied(folder, aws, package, source):
    """The stack on the emulator, destroyed at the end in any case."""
    stack = terraform.Terraform(folder, aws.endpoint)
    stack.write_root(module_arguments(aws, package, source))
    with say.step("preparing Terraform"):
        stack.init()
    try:
        with say.step("applying Terraform against the emulator"):
            stack.apply()
        yield stack
    finally:
        with say.step("destroying what Terraform made"):
            stack.destroy()


def module_arguments(aws, package, source):
    return {
        "name": "changefan-demo",
        "function_zip": str(package),
        "architecture": build.host_architecture(),
        "stream_source": source,
        "table_name": TABLE,
        "hash_key": changes.KEY,
        "sinks": ["stdout", "cloudwatch_logs", "firehose", "s3"],
        "lake": {"schedule_enabled": False},  # the emulator's Athena has no MERGE
        "environment": {"AWS_ENDPOINT_URL": aws.endpoint},  # the emulator does not set it for its functions
        "firehose_compression": "UNCOMPRESSED",  # the emulator compresses nothing, whatever the objects are called
        "force_destroy": True,
        "deletion_protection": False,
    }


def write_changes(aws):
    ledger = changes.Ledger(aws.client("dynamodb"), TABLE)
    with say.step("writing the three sample changes, then some hundreds more"):
        changes.write_samples(ledger)
        changes.write_many(ledger)
    return ledger


def wait_for_arrivals(reader, count):
    """Read the sinks until each holds all changes, or until nothing new arrives; then once more, for duplicates."""
    with say.step(f"waiting until all {count} have come through to every sink"):
        fewest, last_news = -1, time.monotonic()
        while fewest < count and time.monotonic() - last_news < SECONDS_WITHOUT_NEWS:
            time.sleep(0.5)
            arrived = reader.read()
            now = min(len(found.arrivals) for found in arrived.values())
            if now > fewest:
                fewest, last_news = now, time.monotonic()
        time.sleep(SECONDS_FOR_LATECOMERS)
        return reader.read()


def verify(written, arrived, source):
    say.heading("Every change, exactly once?")
    found = []
    for name, sink in arrived.items():
        wrong = comparison.problems(written, sink.arrivals, source, in_order=source == "dynamodb")
        verdict = "NO" if wrong else "each exactly once, every value as written"
        say.line(f"  {name:<16} {len(sink.arrivals):>5} of {len(written)}   {verdict}")
        found += [f"{name}: {sentence}" for sentence in wrong]
    return found + [f"{name} and s3 disagree on event ids" for name in disagreeing(arrived)]


def verify_athena(athena, ledger):
    """The state through the emulator's Athena, now and before the first change."""
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    wrong = lake.wrong_items(athena.state(str(now)), ledger.items)
    before = athena.state(str(now - timedelta(days=1)))
    return [f"Athena: {text}" for text in wrong] + (["Athena knows items of yesterday"] if before else [])


def disagreeing(arrived):
    ids = {name: {arrival.event_id for arrival in sink.arrivals} for name, sink in arrived.items()}
    return [name for name in ids if ids[name] != ids["s3"]]


def second_plan(stack):
    say.line()
    with say.step("planning a second time: nothing should be left to change"):
        return [f"second plan: {text}" for text in stack.unexpected_differences()]


def complain_about(problems, aws):
    if problems:
        opening = "not every change arrived exactly once, or the plan is not stable:"
        raise say.Failure("\n".join([opening, *problems, aws.last_failure()]).rstrip())


def summary(source, count, seconds):
    opening = "end to end:" if say.quiet else "\n✓"
    sinks_named = "stdout, cloudwatch_logs, firehose and s3"
    print(f"{opening} {count} changes from {source}, each exactly once in {sinks_named} ({seconds:.0f} s)")


def reasons(failure):
    """Also the preceding failure, if cleaning up failed as well."""
    earlier = failure.__context__
    return f"{reasons(earlier)}\nand then: {failure}" if isinstance(earlier, say.Failure) else str(failure)


def stop_in_order(number, _frame):
    """Leave through every `finally`. Not as an `Exception`: libraries catch those."""
    raise SystemExit(f"\ndemo: stopped by {signal.Signals(number).name}")


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_in_order)
    try:
        main()
    except say.Failure as failure:
        say.problem(f"\ndemo: {reasons(failure)}\n\nlogs, the emulator's and Terraform's, are in target/demo/")
        sys.exit(1)
