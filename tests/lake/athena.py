"""A model of Athena, Systems Manager and CloudWatch, as far as the merge calls them. MERGE and queries run in DuckDB.

A statement reads when it starts and commits when it ends, so that two MERGEs at once can both insert a change, as in
Iceberg tables.
"""

from datetime import timedelta
from types import SimpleNamespace

from machine import ServiceError

WORKGROUP = "changefan-merges"
ATHENA_ONLY = ("CREATE TABLE", "OPTIMIZE", "VACUUM")  # dialects that DuckDB has not


class Athena:
    def __init__(self, lake, merged="2024-01-01"):
        self.lake = lake
        self.merged = merged
        self.queries = []
        self.metrics = []
        self.faults = []  # (what the text begins with, "call", or the reason with which the query fails)
        self.seconds = 40

    def services(self, machine):
        self.machine = machine
        return {
            "athena:listQueryExecutions": self.list,
            "athena:batchGetQueryExecution": lambda given: {"QueryExecutions": [self.seen(id) for id in given["QueryExecutionIds"]]},
            "athena:startQueryExecution": self.start,
            "athena:getQueryExecution": lambda given: {"QueryExecution": self.seen(given["QueryExecutionId"])},
            "athena:getQueryResults": self.results,
            "ssm:getParameter": lambda given: {"Parameter": {"Name": given["Name"], "Value": self.merged}},
            "ssm:putParameter": self.record,
            "cloudwatch:putMetricData": lambda given: self.metrics.append(given) or {},
        }

    def list(self, given):
        assert given == {"WorkGroup": WORKGROUP, "MaxResults": 50}
        return {"QueryExecutionIds": [query.id for query in reversed(self.queries[-50:])]}

    def start(self, given):
        assert given["WorkGroup"] == WORKGROUP and given["QueryExecutionContext"] == {"Database": "changefan"}
        assert 32 <= len(given["ClientRequestToken"]) <= 128
        known = [query for query in self.queries if query.token == given["ClientRequestToken"]]
        query = known[0] if known else self.begin(given["QueryString"], given["ClientRequestToken"])
        if self.fault(query.text, "call"):
            raise ServiceError("the query was started, but the answer was lost")
        return {"QueryExecutionId": query.id}

    def begin(self, text, token):
        query = SimpleNamespace(id=f"q-{len(self.queries)}", text=text, token=token, rows=None, state="RUNNING", reason=None)
        query.ends = self.machine().now + timedelta(seconds=self.seconds)
        self.queries.append(query)
        if not text.startswith(ATHENA_ONLY):
            query.cursor = self.lake.connection.cursor()
            query.cursor.execute("BEGIN")
            query.rows = query.cursor.execute(text).fetchall()
        return query

    def seen(self, id):
        [query] = [query for query in self.queries if query.id == id]
        self.settle()
        status = {"State": query.state} | ({"StateChangeReason": query.reason} if query.reason else {})
        return {"QueryExecutionId": id, "Status": status}

    def settle(self):
        for query in self.queries:
            if query.state == "RUNNING" and self.machine().now >= query.ends:
                query.reason = self.fault(query.text)
                query.state = "FAILED" if query.reason else "SUCCEEDED"
                if query.rows is not None:
                    query.cursor.execute("ROLLBACK" if query.reason else "COMMIT")

    def fault(self, text, kind=None):
        for fault in self.faults:
            if text.startswith(fault[0]) and (fault[1] == "call") == (kind == "call"):
                self.faults.remove(fault)
                return fault[1]
        return None

    def results(self, given):
        [query] = [query for query in self.queries if query.id == given["QueryExecutionId"]]
        rows = [("date", "unmerged"), *query.rows]
        return {"ResultSet": {"Rows": [{"Data": [{"VarCharValue": str(value)} for value in row]} for row in rows]}}

    def record(self, given):
        assert given["Name"] == "/changefan/lake/merged" and given["Overwrite"] is True
        self.merged = given["Value"]
        return {"Version": 2}

    def texts(self):
        """The first words of every statement that was started, in order, with the window of a MERGE."""
        return [short(query.text) for query in self.queries]


def short(text):
    first = text.split()[0].lower()
    if first == "merge":
        window = text.split('"date" >= \'')[1]
        return f"merge {window[:10]} {window.split(chr(39))[2][:10]}"
    return {"select": "unmerged"}.get(first, first)
