"""CPU time and page faults of warm invocations, by sink."""

from harness import contestants, tool
from harness.row import Row, at_most

# Pages that an invocation may take anew: memory that is given back after each batch costs thousands.
LIMIT = 300

# The C library manages the heap of each process in its own way.
PROCESSES = 3

SINKS = {
    "stdout": contestants.TO_STANDARD_OUTPUT,
    "s3": {"SINKS": "s3", "S3_BUCKET": "bench"},
    "firehose": {"SINKS": "firehose", "FIREHOSE_STREAM": "bench"},
    "cloudwatch_logs": {"SINKS": "cloudwatch_logs", "CLOUDWATCH_LOGS_GROUP": "bench"},
    "all four": contestants.ALL_SINKS,
}


def warm(inputs: dict) -> list[Row]:
    with tool.service() as url:
        return [sink_row(sink, env | {"AWS_ENDPOINT_URL": url}, inputs) for sink, env in SINKS.items()]


def sink_row(sink: str, env: dict, inputs: dict) -> Row:
    racing = [contestants.changefan(inputs[items], env, items) for items in ("orders", "small")]
    outcomes = tool.measure(racing * PROCESSES)
    orders, small = (max(outcomes[kind :: len(racing)], key=lambda one: one.faults) for kind in range(len(racing)))
    detail = f"the worst of {PROCESSES} processes; {shown(orders)}; {shown(small)}"
    values = {one.name: {"faults": one.minor_faults, "CPU": one.cpu_milliseconds} for one in (orders, small)}
    most = max(orders.faults, small.faults)
    return at_most(f"page faults per warm full batch, {sink}", LIMIT, most, "", detail, "", values)


def shown(outcome: tool.Outcome) -> str:
    return f"{outcome.name} {outcome.faults:,.0f}, CPU {outcome.cpu:.1f} ms"
