"""Memory, the executable's size, and how cost grows with work."""

from harness import contestants, inputs as samples, limits, tool
from harness.paths import RELEASE, WORK
from harness.row import Row, at_most, not_measured

COUNTS = (1, 10, 100, 1_000, 10_000)

# The processes whose peaks are compared, and the name of all four sinks in one.
RUNS = 5
ALL = "all four"

# The services' time: within what CloudWatch Logs accepts for the changes of the inputs.
NOW_MS = (samples.FIRST_SECOND + 3600) * 1000

# The settings of every sink, in addition to its defaults.
SINKS = {
    "stdout": {"STDOUT_FORMAT": "json"},
    "stdout `log`": {},
    "file": {"FILE_DIR": str(WORK / "lake")},
    "s3 gzip": {"S3_BUCKET": "bench"},
    "s3 zstd": {"S3_BUCKET": "bench", "S3_COMPRESSION": "zstd"},
    "s3 uncompressed": {"S3_BUCKET": "bench", "S3_COMPRESSION": "none"},
    "firehose": {"FIREHOSE_STREAM": "bench"},
    "firehose packed": {"FIREHOSE_STREAM": "bench", "FIREHOSE_PACK": "102400"},
    "cloudwatch_logs": {"CLOUDWATCH_LOGS_GROUP": "bench"},
}


def peak(inputs: dict) -> list[Row]:
    with tool.service() as url:
        rows = [worst("peak memory, any one sink, full batch", 29, SINKS, inputs, url)]
        rows += [worst("peak memory, all four sinks, full batch", 33, {ALL: contestants.ALL_SINKS}, inputs, url)]
        return [*rows, allowed(inputs, url)]


def worst(what: str, limit: float, sinks: dict, inputs: dict, url: str) -> Row:
    """The most that one of several processes has used."""
    peaks = {
        f"{sink}, {items}": [run(sink, env | {"AWS_ENDPOINT_URL": url}, inputs[items]) for _ in range(RUNS)]
        for sink, env in sinks.items()
        for items in ("orders", "small")
    }
    most = max(peaks, key=lambda name: max(peaks[name]))
    detail = f"the worst of {RUNS} runs of each is {most}"
    return at_most(what, limit, max(peaks[most]), " MB", detail, "", peaks)


def accepted(inputs: dict) -> Row:
    """Every sink once, against services that refuse what AWS refuses: what is measured is what AWS would accept."""
    with tool.strict(NOW_MS) as (url, received):
        for sink, env in SINKS.items():
            for items in ("orders", "small"):
                run(sink, env | {"AWS_ENDPOINT_URL": url}, inputs[items])
    stored, refused = received[0]["stored"], sorted(set(received[0]["refused"]))
    shown = f"{stored:,} records, events and objects stored; refused: {', '.join(refused) or 'none'}"
    what = "every sink with a full batch, within AWS's limits"
    return Row(what, shown, goal="no call refused", met=not refused, values=received[0])


def run(sink: str, env: dict, payload, prefix=()) -> float:
    contestant = contestants.changefan(payload, {"SINKS": sink.split()[0]} | env)
    outcome = tool.race([contestant | {"command": [*prefix, *contestant["command"]]}], rounds=3)[0]
    return outcome.megabytes


def allowed(inputs: dict, url: str) -> Row:
    """Every sink again in a group of processes that the kernel allows 64 MB and no swap."""
    what, goal = "every sink with a full batch and 64 MB of memory allowed", "passes"
    with limits.memory(64) as prefix:
        if prefix is None:
            return not_measured(what, goal, "this machine lets no control group be made here")
        for sink, env in SINKS.items():
            for items in ("orders", "small"):
                run(sink, env | {"AWS_ENDPOINT_URL": url}, inputs[items], prefix)
    return Row(what, f"{len(SINKS)} sinks and settings, orders and small: all passed", goal=goal, met=True)


def executable(_: dict) -> Row:
    size = (RELEASE / "bootstrap").stat().st_size
    return at_most("function's executable", 9, size / 1e6, " MB", f"{size:,} bytes", "", {"bytes": size})


def growth(inputs: dict) -> Row:
    """Time and memory for more and more records, each in a separate process."""
    env = contestants.TO_STANDARD_OUTPUT
    racing = [contestants.changefan(inputs[f"small-{count}"], env, str(count)) for count in COUNTS]
    outcomes = tool.measure(racing)
    points = [
        {"records": count, "ms": outcome.median, "CPU": outcome.cpu, "MB": outcome.megabytes}
        for count, outcome in zip(COUNTS, outcomes)
    ]
    straight = {unit: straightness([(point["records"], point[unit]) for point in points]) for unit in ("ms", "MB")}
    shown = "; ".join(f"{point['records']:,}: {point['ms']:.2f} ms, {point['MB']:.1f} MB" for point in points)
    fit = f"R² {straight['ms']:.4f} for time, {straight['MB']:.4f} for memory"
    what = "cost as work grows, small records to stdout"
    met = min(straight.values()) >= 0.98
    values = {"points": points, "R²": straight}
    return Row(what, f"{shown}; {fit}", goal="a straight line", met=met, values=values)


def grown(rows: list[Row]) -> list[dict]:
    """What the plot draws of growth."""
    return next(row.values["points"] for row in rows if "points" in row.values)


def straightness(points: list[tuple[float, float]]) -> float:
    """How much of the differences a straight line explains (R²)."""
    count = len(points)
    mean_x, mean_y = (sum(point[axis] for point in points) / count for axis in (0, 1))
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    residue = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points)
    return 1 - residue / sum((y - mean_y) ** 2 for _, y in points)
