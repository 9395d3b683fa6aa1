"""Show what arrived: log entries, objects, and the lake's answers."""

import json
from datetime import datetime, timedelta, timezone

import changes
import lake
import say

OBJECTS_SHOWN = 4
BY_CUSTOMER = """
    SELECT json_extract_string(new, '$.customer_id') AS customer, count(*) AS orders,
           sum(CAST(json_extract_string(new, '$.total') AS DECIMAL(18, 2))) AS total
    FROM ({state}) GROUP BY customer ORDER BY total DESC LIMIT 5
"""


def everything(arrived, opened):
    log_entries(arrived["cloudwatch_logs"])
    objects(arrived["s3"])
    objects(arrived["firehose"])
    the_lake(opened)


def log_entries(sink):
    """The first of the samples in full, the others on one line each."""
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


def the_lake(opened):
    """The answers of the lake, in DuckDB: a life, the state now and a minute ago, and the MERGE."""
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    answer(opened, "the life of the sample order", lake.life_of(changes.SAMPLE_KEY))
    for title, moment in (("now", now), ("a minute ago", now - timedelta(minutes=1))):
        answer(opened, f"the orders {title}, by customer", BY_CUSTOMER.format(state=lake.items_at(str(moment))))
    first, again = lake.merged_twice(opened)
    say.heading("DuckDB: MERGE into the table of changes")
    say.line(f"  inserted {first} changes; the same MERGE once more inserted {again}")


def answer(opened, title, query):
    say.heading(f"DuckDB: {title}")
    say.line(str(opened.connection.sql(query)))
