"""The lake in DuckDB, which runs Trino's text of the statements as it is."""

import duckdb

import statements

SCHEMA = {name: "VARCHAR" for name in (
    "change_id event_id operation account region table source sequence_number version timestamp actor keys old new types".split()
)} | {"changed": "VARCHAR[]"}  # fmt: skip


class Lake:
    """`landing` and `exports` over the objects in a folder, the view `recent`, and an empty table `changes`."""

    def __init__(self, folder):
        self.folder = folder
        self.connection = duckdb.connect(config={"threads": 2})
        columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in SCHEMA.items()) + "}"
        self.reader = f"format = 'newline_delimited', hive_partitioning = false, columns = {columns}"
        self.view("landing", "changes", 'substr("timestamp", 1, 10) AS "date"')
        self.view("exports", "exports", "regexp_extract(filename, 'export=([^/]*)', 1) AS \"export\"")
        self.run(f"CREATE VIEW recent AS {statements.text('recent', landing='landing')}")
        self.run('CREATE TABLE changes AS SELECT * FROM recent LIMIT 0')

    def view(self, name, prefix, extra):
        files = f"{self.folder}/{prefix}/**/*.jsonl.gz"
        if not list((self.folder / prefix).glob("**/*.jsonl.gz")):
            return self.run(f"CREATE VIEW {name} AS SELECT {nothing()}, NULL::VARCHAR AS \"{extra.split()[-1].strip(chr(34))}\" WHERE false")
        return self.run(f"CREATE VIEW {name} AS SELECT * EXCLUDE (filename), {extra} FROM read_json('{files}', filename = true, {self.reader})")

    def run(self, sql):
        return self.connection.execute(sql)

    def rows(self, name, **given):
        return self.run(statements.text(name, **given)).fetchall()

    def state(self, moment, source="recent"):
        return state(self.rows("state_at", source=source, moment=moment))

    def count(self, relation):
        return self.run(f"SELECT count(*), count(DISTINCT change_id) FROM {relation}").fetchone()

    def merge(self, first, last):
        """Rows inserted."""
        return self.rows("merge", changes="changes", landing="landing", **{"from": first, "to": last})[0][0]

    def merge_export(self, export):
        return self.rows("merge_export", changes="changes", exports="exports", export=export.id)[0][0]


def nothing():
    return ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in SCHEMA.items())


def state(found):
    """(account, region, table, keys) => new; an item that occurs twice is an error."""
    result = {tuple(row[:4]): row[4] for row in found}
    assert len(result) == len(found), "an item has several rows"
    return result
