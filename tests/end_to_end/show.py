"""Show what arrived: log entries, objects, and what DuckDB says about the JSONL."""

import json

import changes
import lake
import say

OBJECTS_SHOWN = 4


def everything(arrived, changes_in_lake):
    log_entries(arrived["cloudwatch_logs"])
    objects(arrived["s3"])
    objects(arrived["firehose"])
    queries(changes_in_lake)


def log_entries(sink):
    """The first of the samples in full, the others on a line each."""
    say.heading(f"Log entries of the sample changes, from {sink.where}")
    samples = [line for line, arrival in zip(sink.lines, sink.arrivals) if arrival.key == changes.SAMPLE_KEY]
    for line in samples[:1]:
        say.line(json.dumps(json.loads(line), indent=2, ensure_ascii=False))
    for line in samples[1:]:
        say.line(line)


def objects(sink):
    say.heading(f"{len(sink.bodies)} objects with {len(sink.lines)} changes in {sink.where}")
    for key, body in list(sink.bodies.items())[:OBJECTS_SHOWN]:
        say.line(f"  {len(body):>7,} B  {key}")
    if len(sink.bodies) > OBJECTS_SHOWN:
        say.line("           …")


def queries(changes_in_lake):
    for title, query in lake.QUERIES.items():
        say.heading(f"DuckDB: {title}")
        say.line(str(changes_in_lake.sql(query)))
