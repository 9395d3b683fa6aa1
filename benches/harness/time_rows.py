"""What is measured in milliseconds, from sending the payload to the reply."""

from pathlib import Path

from harness import contestants, outputs, tool
from harness.paths import WORK
from harness.row import Row, at_least, at_most

ROUNDS = 21
WARMUPS = 3

# How much faster than each peer.
GOALS = {"typical Rust": 15, "Node": 20, "Python": 35}


def standard_output(inputs: dict) -> tuple[list[Row], dict]:
    """A row for each peer and each kind of item, and the times for the plot."""
    rows, times = [], {}
    for name in ("orders", "small"):
        notes = same_outputs(inputs[name])
        outcomes = tool.race(contestants.to_standard_output(inputs[name]), ROUNDS, WARMUPS)
        times[name] = {outcome.name: outcome.median for outcome in outcomes}
        rows += [against(outcomes[0], peer, name, notes[peer.name]) for peer in outcomes[1:]]
    return sorted(rows, key=lambda row: list(GOALS).index(row.values["peer"])), times


def same_outputs(payload) -> dict[str, str]:
    """Runs every contestant once and compares their output, line by line."""
    racing = contestants.to_standard_output(payload)
    racing = [one | {"output": str(WORK / f"{one['name'].replace(' ', '-')}.jsonl")} for one in racing]
    tool.race(racing)
    expected, *others = (Path(one["output"]) for one in racing)
    return {peer["name"]: outputs.compare(expected, other) for peer, other in zip(racing[1:], others)}


def against(ours, peer, items: str, note: str) -> Row:
    what = f"full batch to stdout, `json`, {items}, against {peer.name}"
    detail = f"{ours.median:.1f} against {peer.median:.0f} ms (CPU {ours.cpu:.1f} against {peer.cpu:.0f} ms; "
    detail += f"memory {ours.megabytes:.0f} against {peer.megabytes:.0f} MB); outputs {note}"
    values = {"peer": peer.name, "changefan": ours.milliseconds, "theirs": peer.milliseconds}
    values |= {"changefan CPU": ours.cpu, "their CPU": peer.cpu, "outputs": note}
    values |= {"changefan MB": ours.megabytes, "their MB": peer.megabytes}
    return at_least(what, GOALS[peer.name], peer.median / ours.median, " × faster", detail, values)


def s3(inputs: dict) -> list[Row]:
    with tool.service() as url:
        return [s3_against_null(inputs, name, url) for name in ("orders", "small")]


def s3_against_null(inputs: dict, name: str, url: str) -> Row:
    env = {"SINKS": "s3", "S3_BUCKET": "bench", "S3_COMPRESSION": "zstd", "AWS_ENDPOINT_URL": url}
    racing = [
        contestants.function(inputs[name], env, "S3"),
        contestants.function(inputs[name], {"SINKS": "null"}, "null"),
    ]
    lake, null = tool.race(racing, ROUNDS, WARMUPS)
    what = f"S3 sink, full batch, zstd level 1, {name}, against the null sink"
    values = {"S3": lake.milliseconds, "null": null.milliseconds, "S3 CPU": lake.cpu, "null CPU": null.cpu}
    detail = f"{lake.median:.1f} against {null.median:.1f} ms (CPU {lake.cpu:.1f} against {null.cpu:.1f} ms)"
    return at_most(what, 2.5, lake.median / null.median, " ×", detail, values)


def firehose(inputs: dict) -> list[Row]:
    env = {"SINKS": "firehose", "FIREHOSE_STREAM": "bench"}
    with tool.service(latency=15) as url:
        env |= {"AWS_ENDPOINT_URL": url}
        racing = [
            contestants.changefan(inputs["small-10000"], env | {"FIREHOSE_PACK": "102400"}, "packed"),
            contestants.changefan(inputs["small-10000"], env, "unpacked"),
        ]
        outcomes = tool.race(racing, ROUNDS, WARMUPS)
    what = "10,000 small events to a Firehose that takes 15 ms a call, {}"
    return [
        at_most(what.format(outcome.name), limit, outcome.median, " ms", f"CPU {outcome.cpu:.1f} ms", values(outcome))
        for outcome, limit in zip(outcomes, (45, 90))
    ]


def values(outcome) -> dict:
    return {"ms": outcome.milliseconds, "CPU": outcome.cpu}


def several_at_once(inputs: dict) -> list[Row]:
    """Invocations at once in one process, as Lambda Managed Instances send them, against one after the other."""
    with tool.service(latency=15) as url:
        env = {"SINKS": "firehose", "FIREHOSE_STREAM": "bench", "AWS_ENDPOINT_URL": url}
        waiting = at_once(contestants.changefan, inputs["small-1000"], env, (1, 2, 4, 8))
    decoding = at_once(contestants.function, inputs["orders"], {"SINKS": "null"}, (1, 2, 4))
    what = "several invocations at once (Managed Instances): {}"
    return [
        scaling(what.format("1,000 events each to a Firehose that takes 15 ms a call"), waiting),
        scaling(what.format("a full batch each to the null sink, orders"), decoding),
    ]


def at_once(contestant, payload, env: dict, counts: tuple) -> dict[int, float]:
    """Invocations per second by the number in progress."""
    limits = {count: env | {"AWS_LAMBDA_MAX_CONCURRENCY": str(count)} for count in counts}
    racing = [contestant(payload, limits[count], f"{count} at once", at_once=count) for count in counts]
    outcomes = tool.race(racing, ROUNDS, WARMUPS)
    return {count: count * 1000 / outcome.median for count, outcome in zip(counts, outcomes)}


def scaling(what: str, rates: dict[int, float]) -> Row:
    shown = "; ".join(f"{count}: {rate:.0f}/s ({rate / rates[1]:.1f} ×)" for count, rate in rates.items())
    return Row(what, "", f"invocations per second: {shown}", None, {"per second": rates})
