"""What is measured in milliseconds, from sending the payload to the reply."""

import statistics
from pathlib import Path

from harness import contestants, floor_rows, outputs, tool
from harness.paths import WORK
from harness.row import Row, at_least, at_most, figure, number

# How much faster than each peer.
GOALS = {
    "typical Rust": {"orders": 16, "small": 10},
    "Node": {"orders": 20, "small": 14},
    "Python": {"orders": 55, "small": 35},
}


def standard_output(inputs: dict) -> list[Row]:
    """A row for each peer and each kind of item."""
    rows = []
    for name in ("orders", "small"):
        notes = same_outputs(inputs[name])
        ours, *peers = tool.measure(contestants.to_standard_output(inputs[name]))
        rows += [against(ours, peer, name, notes[peer.name]) for peer in peers]
    return sorted(rows, key=lambda row: list(GOALS).index(row.values["peer"]))


def by_items(rows: list[Row]) -> dict[str, dict[str, float]]:
    """The median milliseconds of each contestant, for the plot."""
    times = {}
    for values in (row.values for row in rows if "peer" in row.values):
        group = times.setdefault(values["items"], {"changefan": statistics.median(values["changefan"])})
        group[values["peer"]] = statistics.median(values["theirs"])
    return times


def same_outputs(payload) -> dict[str, str]:
    """Runs every contestant once and compares their output, line by line."""
    racing = contestants.to_standard_output(payload)
    racing = [one | {"output": str(WORK / f"{one['name'].replace(' ', '-')}.jsonl")} for one in racing]
    tool.race(racing)
    expected, *others = (Path(one["output"]) for one in racing)
    return {peer["name"]: outputs.compare(expected, other) for peer, other in zip(racing[1:], others)}


def against(ours, peer, items: str, note: str) -> Row:
    label = f"{peer.name} {contestants.versions()[peer.name]}"
    what = f"full batch to stdout, `json`, {items}, against {peer.name}"
    values = {"items": items, "peer": peer.name, "changefan": ours.milliseconds, "theirs": peer.milliseconds}
    values |= {"changefan CPU": ours.cpu, "their CPU": peer.cpu, "outputs": note}
    values |= {"changefan MB": ours.megabytes, "their MB": peer.megabytes}
    limit, times = GOALS[peer.name][items], peer.median / ours.median
    beside = f"{label}: {shown(peer)}; outputs {note}"
    return at_least(what, limit, times, " × faster", shown(ours), beside, values)


def shown(outcome: tool.Outcome) -> str:
    return f"{number(outcome.median)} ms, CPU {number(outcome.cpu)} ms, {outcome.megabytes:.0f} MB"


def s3(inputs: dict) -> list[Row]:
    with tool.service() as url:
        return [s3_beside_compression(inputs, name, url) for name in ("orders", "small")]


def s3_beside_compression(inputs: dict, name: str, url: str) -> Row:
    """What the sink adds to an invocation, as a multiple of compressing the same lines in one call."""
    env = {"SINKS": "s3", "S3_BUCKET": "bench", "S3_COMPRESSION": "zstd", "AWS_ENDPOINT_URL": url}
    lines = {"FLOOR_LINES": str(floor_rows.lines(inputs[name], "rows"))}
    racing = [
        contestants.function(inputs[name], env, "S3"),
        contestants.function(inputs[name], {"SINKS": "null"}, "null"),
        contestants.floor("zstd", inputs["empty"], lines),
    ]
    s3, null, zstd = tool.measure_processes(racing)
    what = f"S3 sink, full batch, zstd level 1, `rows`, {name}: CPU beyond the null sink ÷ compressing the lines alone"
    values = {"S3 CPU": s3.cpu, "null CPU": null.cpu, "zstd CPU": zstd.cpu, "S3": s3.milliseconds}
    detail = f"CPU {s3.cpu:.1f} ms, null sink {null.cpu:.1f} ms"
    return at_most(what, 1.4, s3.cpu_ratio(zstd, null), " ×", detail, f"zstd: CPU {zstd.cpu:.1f} ms", values)


def firehose(inputs: dict) -> list[Row]:
    """Packed and unpacked over HTTP, and unpacked over HTTPS on a connection that is kept."""
    payload, env = inputs["small-10000"], {"SINKS": "firehose", "FIREHOSE_STREAM": "bench"}
    with tool.service(latency=15) as http, tool.service(latency=15, tls=True) as https:
        racing = [
            contestants.changefan(payload, env | {"AWS_ENDPOINT_URL": http, "FIREHOSE_PACK": "102400"}, "packed"),
            contestants.changefan(payload, env | {"AWS_ENDPOINT_URL": http}, "unpacked"),
            contestants.changefan(payload, env | contestants.few_roots(https), "HTTPS"),
        ]
        packed, unpacked, tls = tool.measure(racing)
    what = "10,000 small events to a Firehose that takes 15 ms a call, {}"
    rows = [
        at_most(what.format(one.name), limit, one.median, " ms", f"CPU {one.cpu:.1f} ms", "", values(one))
        for one, limit in ((packed, 45), (unpacked, 90))
    ]
    measured, beside = figure(tls.median, " ms", f"CPU {tls.cpu:.1f} ms"), f"HTTP: {shown(unpacked)}"
    return [*rows, Row(what.format("unpacked, over HTTPS"), measured, beside, values=values(tls))]


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
    outcomes = tool.measure(racing)
    return {count: count * 1000 / outcome.median for count, outcome in zip(counts, outcomes)}


def scaling(what: str, rates: dict[int, float]) -> Row:
    shown = "; ".join(f"{count}: {rate:.0f}/s ({rate / rates[1]:.1f} ×)" for count, rate in rates.items())
    return Row(what, f"invocations per second: {shown}", values={"per second": rates})
