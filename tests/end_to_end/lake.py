"""The S3 sink's objects as a lake: laid into a folder and queried by DuckDB, with the statements that the module ships.

The emulator's Athena has neither views nor Iceberg: there, the statements read the landing table.
"""

import json
import sys
import time
from decimal import Decimal

import changes
import comparison
import say
import tools

sys.path.append(str(tools.ROOT / "tests" / "lake"))
import duck  # noqa: E402
import statements  # noqa: E402

TABLE = "orders"
SECONDS_FOR_A_QUERY = 30


def write(bodies, folder):
    for key, body in bodies.items():
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    return folder


def opened(folder):
    return duck.Lake(folder)


def merged_twice(lake):
    """Rows that the MERGE of every day inserts at first, and then again."""
    [(first, last)] = lake.run('SELECT min("date"), max("date") FROM landing').fetchall()
    return lake.merge(first, last), lake.merge(first, last)


def life_of(key):
    """An item's history, without the columns that are the same in each row."""
    history = statements.text("item_history", source="recent", table=TABLE, keys=json.dumps({changes.KEY: key}, separators=(",", ":")))
    return f'SELECT operation, changed, "new" FROM ({statements.bare(history)})'


def items_at(moment, source="recent"):
    return statements.text("state_at", source=source, moment=moment)


def problems(lake, ledger):
    """The problems with the lake: its counts, and the state compared with the items of the table."""
    count = len(ledger.changes)
    counted, added = lake.count("recent"), merged_twice(lake)
    found = [f"DuckDB counts (rows, change ids) {counted}, not {count} each"] if counted != (count, count) else []
    found += [f"the MERGE inserted {added}, not {count} and then 0"] if added != (count, 0) else []
    return found + [f"the state in the lake: {text}" for text in wrong_items(lake.rows("current_state", source="changes"), ledger.items)]


def wrong_items(state, items):
    """`state` has the rows of current_state, `items` what the table holds by key."""
    found = {json.loads(row[3])[changes.KEY]: json.loads(row[4], parse_float=Decimal, parse_int=Decimal) for row in state}
    if found.keys() != items.keys():
        return [f"{len(found.keys() - items.keys())} items too many, {len(items.keys() - found.keys())} missing"]
    differing = {key: comparison.first_difference(changes.plain(items[key]), found[key]) for key in items}
    return [f"{key}{where}" for key, where in differing.items() if where]


class Athena:
    """The emulator's Athena over the Glue table of the landing objects."""

    def __init__(self, aws, outputs):
        self.client, self.lake = aws.client("athena"), outputs["lake"]

    def state(self, moment):
        """The rows of state_at, as texts, over objects that the emulated function wrote.

        The emulator takes the columns' types from the objects, not from Glue, so that `timestamp` is a time already.
        """
        [landing] = self.lake["landing_tables"]
        return self.rows(items_at(moment, landing))

    def rows(self, sql):
        context, workgroup = {"Database": self.lake["database"]}, self.lake["workgroup"]
        query = self.client.start_query_execution(QueryString=statements.bare(sql), QueryExecutionContext=context, WorkGroup=workgroup)
        id = query["QueryExecutionId"]
        self.wait(id)
        pages = self.client.get_paginator("get_query_results").paginate(QueryExecutionId=id)
        rows = [[cell.get("VarCharValue") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]
        return rows[1:]  # the first names the columns

    def wait(self, id):
        give_up = time.monotonic() + SECONDS_FOR_A_QUERY
        while (status := self.client.get_query_execution(QueryExecutionId=id)["QueryExecution"]["Status"])["State"] != "SUCCEEDED":
            if status["State"] == "FAILED" or time.monotonic() > give_up:
                raise say.Failure(f"Athena: the query is {status['State']}: {status.get('StateChangeReason')}")
            time.sleep(0.2)
