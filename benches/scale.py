"""Prints the tables of docs/scale.md: shards, concurrency, time and dollars for 1,000 to 1,000,000 changes per second.

    python3 benches/scale.py [RESULTS]

CPU times are those that `make bench` measured: target/benches/results.json, or the file given. All else is a named
input below. Change one, run it again, and paste the tables.
"""

import json
import sys
from math import ceil, inf
from pathlib import Path

from harness.paths import OUT

RATES, BATCHES, MEMORIES = (1_000, 100_000, 1_000_000), (500, 10_000), (128, 256, 512, 1_769)
MEMORY, FULL_CORE = 128, 1_769
# Shards per required shard: on-demand tables and streams keep room for twice their peak.
HEADROOM = 2
MONTH, HOUR = 730 * 3600, 3600
KIB, GIB = 2**10, 2**30

# Bytes of a change: of the benchmark's inputs, and of what changefan makes of them. `full` is the records of the batch
# that was measured.
SIZES = {
    "small": {"record": 621, "kinesis": 505, "item": 113, "json": 434, "log": 779, "gzip": 96, "full": 10_000},
    "orders": {"record": 2_480, "kinesis": 2_355, "item": 611, "json": 1_804, "log": 2_642, "gzip": 367, "full": 2_537},
}
WRAPPING = 525  # around the base64 of a Kinesis record
LOG_EVENT = 26  # what CloudWatch Logs counts in addition to each message
OWN_LOG = 1_067 + 330 + 5 * LOG_EVENT  # an invocation's own lines: two measured, Lambda's three assumed
PACK = 100_000  # FIREHOSE_PACK

# Milliseconds for which a batch waits for its sink: assumed, not measured.
WAITS = {"stdout": 0, "firehose": 20, "firehose, packed": 20, "s3": 50}
# Where each sink's CPU time is: the row's beginning, its value, and the kinds of item.
MEASURED = {
    "stdout": ("full batch to stdout, `json`, {}, against", "changefan CPU", SIZES),
    "s3": ("S3 sink, full batch, zstd level 1, `rows`, {}: CPU", "S3 CPU", SIZES),
    "firehose": ("10,000 {} events to a Firehose that takes 15 ms a call, unpacked", "CPU", ("small",)),
    "firehose, packed": ("10,000 {} events to a Firehose that takes 15 ms a call, packed", "CPU", ("small",)),
}

# Dollars in US East (N. Virginia): up to how many, and each of them.
PRICES = {
    "Lambda: request": ((inf, 0.20e-6),),
    "Lambda: GB-second, x86": ((6e9, 16.6667e-6), (15e9, 15e-6), (inf, 13.3334e-6)),
    "Lambda: GB-second, arm": ((7.5e9, 13.3334e-6), (18.75e9, 12.0001e-6), (inf, 10.6667e-6)),
    "DynamoDB: write request unit": ((inf, 0.625e-6),),
    "DynamoDB: change data capture unit": ((inf, 0.10e-6),),
    "DynamoDB Streams: call, unless Lambda's": ((inf, 0.20e-6),),
    "Kinesis on demand: GB in": ((inf, 0.08),),
    "Kinesis on demand: GB out": ((inf, 0.04),),
    "Kinesis on demand: stream-hour": ((inf, 0.04),),
    "Kinesis provisioned: shard-hour": ((inf, 0.015),),
    "Kinesis provisioned: PUT of up to 25 KB": ((inf, 0.014e-6),),
    "Pipes: request of up to 64 KB": ((inf, 0.40e-6),),
    "CloudWatch Logs: GB from Lambda": ((10 * KIB, 0.50), (30 * KIB, 0.25), (50 * KIB, 0.10), (inf, 0.05)),
    "Firehose: GB in": ((500 * KIB, 0.029), (2_000 * KIB, 0.025), (inf, 0.020)),
    "S3: PUT": ((inf, 5e-6),),
    "S3: GB-month": ((inf, 0.023),),
}
GET_RECORDS_A_SECOND = 4


def pay(name: str, quantity: float) -> float:
    total, start = 0.0, 0.0
    for end, price in PRICES[name]:
        total += max(0.0, min(quantity, end) - start) * price
        start = end
    return total


def measured(rows: list[dict]) -> dict:
    """Milliseconds of a core for an invocation of one record (`base`), and for each further change by sink and kind."""
    cpu = {"base": value(rows, "cost as work grows", "points")[0]["CPU"]}
    for sink, (what, key, kinds) in MEASURED.items():
        for kind in kinds:
            cpu[sink, kind] = (value(rows, what.format(kind), key) - cpu["base"]) / SIZES[kind]["full"]
    return cpu


def value(rows: list[dict], what: str, key: str):
    for row in rows:
        if row["what"].startswith(what) and key in row["values"]:
            return row["values"][key]
    raise SystemExit(f"no row of the results begins with {what!r} and has {key!r}: run make bench, or correct MEASURED")


def work(cpu: dict, sink: str, batch: int, kind: str = "small") -> float:
    return cpu["base"] + batch * cpu[sink, kind]


def billed(cpu: dict, sink: str, batch: int, kind: str = "small", memory: int = MEMORY) -> int:
    """Milliseconds: the CPU time at the function's share of a core, and the wait."""
    return ceil(work(cpu, sink, batch, kind) * FULL_CORE / memory + WAITS[sink])


def function(cpu: dict, sink: str, rate: int, batch: int, machine: str, kind: str = "small") -> float:
    invocations = rate / batch * MONTH
    gigabyte_seconds = invocations * billed(cpu, sink, batch, kind) / 1000 * MEMORY / 1024
    lines = pay("CloudWatch Logs: GB from Lambda", invocations * OWN_LOG / GIB)
    return pay("Lambda: request", invocations) + pay(f"Lambda: GB-second, {machine}", gigabyte_seconds) + lines


def delivery(sink: str, rate: int, batch: int, kind: str = "small") -> float:
    if sink == "s3":
        return pay("S3: PUT", rate / batch * MONTH)
    if sink == "stdout":
        return pay("CloudWatch Logs: GB from Lambda", rate * MONTH * (SIZES[kind]["log"] + LOG_EVENT) / GIB)
    line = SIZES[kind]["json"]
    together = PACK // line if sink.endswith("packed") else 1
    full, rest = divmod(batch, together)
    units = full * ceil(together * line / (5 * KIB)) + ceil(rest * line / (5 * KIB))
    return pay("Firehose: GB in", rate / batch * MONTH * units * 5 * KIB / GIB)


def write_units(rate: int, kind: str) -> int:
    return rate * ceil(SIZES[kind]["item"] / KIB)


def table_shards(rate: int, kind: str = "small") -> int:
    return ceil(write_units(rate, kind) / 1_000)


def kinesis_shards(rate: int, kind: str = "small") -> int:
    return ceil(max(rate / 1_000, rate * SIZES[kind]["kinesis"] / 1e6))


def on_demand(rate: int, kind: str = "small") -> float:
    gigabytes = rate * MONTH * ceil(SIZES[kind]["kinesis"] / KIB) * KIB / GIB
    stream = pay("Kinesis on demand: GB in", gigabytes) + pay("Kinesis on demand: GB out", gigabytes)
    return unit_capture(rate, kind) + stream + pay("Kinesis on demand: stream-hour", MONTH / HOUR)


def provisioned(rate: int, kind: str = "small") -> float:
    hours = HEADROOM * kinesis_shards(rate, kind) * MONTH / HOUR
    puts = pay("Kinesis provisioned: PUT of up to 25 KB", rate * MONTH)
    return unit_capture(rate, kind) + pay("Kinesis provisioned: shard-hour", hours) + puts


def unit_capture(rate: int, kind: str) -> float:
    return pay("DynamoDB: change data capture unit", write_units(rate, kind) * MONTH)


def pipe(rate: int, record: int, batch: int = 500) -> float:
    return pay("Pipes: request of up to 64 KB", rate / batch * MONTH * ceil(batch * record / (64 * KIB)))


def pipe_from_table(rate: int) -> float:
    reads = GET_RECORDS_A_SECOND * HEADROOM * table_shards(rate) * MONTH
    return pipe(rate, SIZES["small"]["record"]) + pay("DynamoDB Streams: call, unless Lambda's", reads)


def pipe_from_kinesis(rate: int) -> float:
    return provisioned(rate) + pipe(rate, WRAPPING + 4 * ceil(SIZES["small"]["kinesis"] / 3))


SOURCES = {
    "DynamoDB Streams, mapping": lambda rate: 0.0,
    "Kinesis on demand, mapping": on_demand,
    "Kinesis provisioned, mapping": provisioned,
    "DynamoDB Streams, Pipe": pipe_from_table,
    "Kinesis provisioned, Pipe": pipe_from_kinesis,
}


def table(head: list, rows: list) -> str:
    lines = ["| " + " | ".join(map(str, line)) + " |\n" for line in (head, *rows)]
    return "".join([lines[0], "|---" + "|--:" * (len(head) - 1) + "|\n", *lines[1:]])


def dollars(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 10 or not amount else f"{amount:,.2f}"


def example(cpu: dict, rate: int = 100_000, batch: int = 500) -> str:
    ms, each, shards = billed(cpu, "s3", batch), cpu["s3", "small"] * 1000, table_shards(rate)
    calls, count = rate / batch, rate / batch * MONTH / 1e6
    used, logged = count * ms / 1000 * MEMORY / 1024, count * 1e6 * OWN_LOG / GIB
    parts = [pay("Lambda: request", count * 1e6), pay("Lambda: GB-second, x86", used * 1e6)]
    parts += [pay("CloudWatch Logs: GB from Lambda", logged), delivery("s3", rate, batch)]
    return f"""\
1. Shards: {rate:,} × 1 write unit ÷ 1,000 = {shards:,} at least. × {HEADROOM} = {HEADROOM * shards:,}.
2. Invocations: {rate:,} ÷ {batch} = {calls:,.0f} per second. × {MONTH:,} s = {count:,.1f} million per month.
3. CPU time: {cpu["base"]:.2f} ms + {batch} × {each:.2f} µs = {work(cpu, "s3", batch):.2f} ms of a core.
4. Billed: {work(cpu, "s3", batch):.2f} × {FULL_CORE:,} ÷ {MEMORY} + {WAITS["s3"]} ms for S3 = {ms} ms.
5. At once: {calls:,.0f} per second × {ms / 1000} s = {calls * ms / 1000:.1f} on average. A shard can do \
{batch / ms * 1000:,.0f} changes per second.
6. Requests: {count:,.1f} million × $0.20 per million = ${dollars(parts[0])}.
7. Compute: {count:,.1f} million × {ms / 1000} s × {MEMORY / 1024} GB = \
{used:.2f} million GB-s. × $16.6667 per million = ${dollars(parts[1])}.
8. Own log lines: {count:,.1f} million × {OWN_LOG:,} bytes = {logged:,.0f} GB. × $0.50 = ${dollars(parts[2])}.
9. S3: {count:,.1f} million PUTs × $5 per million = ${dollars(parts[3])}. Together: **${dollars(sum(parts))}** per month.
"""


def batches(cpu: dict) -> str:
    rows = []
    for sink in WAITS:
        for batch in BATCHES:
            shown = [f"{billed(cpu, sink, batch, memory=memory):,}" for memory in MEMORIES]
            rows.append([f"{sink}, {batch:,}", f"{work(cpu, sink, batch):.1f}", WAITS[sink], *shown])
    return table(["sink, batch", "CPU ms", "wait ms", *[f"ms at {memory:,} MB" for memory in MEMORIES]], rows)


def rates(cpu: dict) -> str:
    rows = []
    for rate in RATES:
        shards, average = kinesis_shards(rate), rate / 500 * billed(cpu, "s3", 500) / 1000
        writes = dollars(pay("DynamoDB: write request unit", write_units(rate, "small") * MONTH))
        rows.append([f"{rate:,}", *[f"{count:,}" for count in (table_shards(rate), shards, HEADROOM * shards)]])
        rows[-1] += [f"{rate / 500:,.0f}", f"{average:,.1f}", f"{HEADROOM * shards:,}", writes]
    head = ["changes/s", "table's shards, least", "Kinesis's, least", f"with headroom, × {HEADROOM}"]
    return table([*head, "batches of 500/s", "at once, average", "at most", "the table's own writes $"], rows)


def sources(cpu: dict) -> str:
    rest = {rate: function(cpu, "s3", rate, 500, "x86") + delivery("s3", rate, 500) for rate in RATES}
    rows = [
        [name, *[dollars(capture(rate)) for rate in RATES], *[dollars(capture(rate) + rest[rate]) for rate in RATES]]
        for name, capture in SOURCES.items()
    ]
    heads = [f"{part} at {rate:,}" for part in ("capture $", "all $") for rate in RATES]
    return table(["source", *heads], rows)


def sinks(cpu: dict) -> str:
    rows = []
    for sink in WAITS:
        for batch in BATCHES:
            cells = [f"{sink}, {batch:,}"]
            for rate in RATES:
                x86, arm = (dollars(function(cpu, sink, rate, batch, machine)) for machine in ("x86", "arm"))
                cells += [f"{x86} / {arm}", dollars(delivery(sink, rate, batch))]
            rows.append(cells)
    heads = [f"{part} at {rate:,}" for rate in RATES for part in ("x86 / arm $", "sink $")]
    return table(["sink, batch", *heads], rows)


def larger(cpu: dict, rate: int = 100_000) -> str:
    rows = {
        "bytes of a record": lambda kind: f"{SIZES[kind]['record']:,}",
        "shards of a Kinesis stream, least": lambda kind: kinesis_shards(rate, kind),
        "ms at 128 MB, 500 to S3": lambda kind: billed(cpu, "s3", 500, kind),
        "function, x86, 500 to S3 $": lambda kind: dollars(function(cpu, "s3", rate, 500, "x86", kind)),
        "capture, Kinesis on demand $": lambda kind: dollars(on_demand(rate, kind)),
        "capture, Kinesis provisioned $": lambda kind: dollars(provisioned(rate, kind)),
        "stdout $": lambda kind: dollars(delivery("stdout", rate, 500, kind)),
        "Firehose, packed $": lambda kind: dollars(delivery("firehose, packed", rate, 500, kind)),
        "keeping a month's objects in S3, $ per month": lambda kind: dollars(kept(rate, kind)),
    }
    return table([f"at {rate:,} changes/s", *SIZES], [[what, *map(cell, SIZES)] for what, cell in rows.items()])


def kept(rate: int, kind: str) -> float:
    return pay("S3: GB-month", rate * MONTH * SIZES[kind]["gzip"] / GIB)


def prices() -> str:
    lines = {}
    for name, tiers in PRICES.items():
        service, unit = name.split(": ")
        lines.setdefault(service, []).append(f"{unit} {', then '.join(shown(price) for _, price in tiers)}")
    return " ".join(f"**{service}:** {'; '.join(units)}." for service, units in lines.items()) + "\n"


def shown(price: float) -> str:
    return f"${price * 1e6:g} per million" if price < 1e-3 else f"${price:g}"


def main() -> None:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT / "results.json"
    cpu = measured(json.loads(file.read_text(encoding="utf-8"))["rows"])
    tables = (example, batches, rates, sources, sinks, larger)
    print("\n".join([make(cpu) for make in tables] + [prices()]), end="")


if __name__ == "__main__":
    main()
