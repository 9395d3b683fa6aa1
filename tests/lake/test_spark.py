"""MERGE and state in Spark and Iceberg, and what other readers make of the Iceberg table."""

import os
from pathlib import Path

import document
import duck
import duckdb
import past
import pytest
import spark
import statements
from test_queries import READING, TABLES

SEED = 31

# REQUIRE_JAVA_17=1: a machine that has to run these tests fails without it.
missing = spark.java_home() is None and os.environ.get("REQUIRE_JAVA_17") != "1"
pytestmark = pytest.mark.skipif(missing, reason="Spark needs Java 17, which was not found")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return past.make(tmp_path_factory.mktemp("spark"), SEED, changes_per_table=40)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    return tmp_path_factory.mktemp("warehouse")


@pytest.fixture(scope="module")
def session(warehouse):
    session = spark.session(warehouse)
    yield session
    session.stop()


@pytest.fixture(scope="module")
def lake(made, session):
    """Merged in overlapping windows."""
    lake = spark.Lake(session, made.folder)
    days = made.days()
    for first, last in zip(days, days[1:]):
        lake.merge(first, last)
    return lake


@pytest.fixture(scope="module")
def expected(made):
    """The same past in DuckDB."""
    lake = duck.Lake(made.folder)
    past.merge_everything(lake, made)
    return lake


@pytest.fixture(scope="module")
def complete(lake, made):
    for export in made.history.exports:
        while lake.merge_export(export):
            pass
    return lake


def test_merge_twice_in_iceberg_adds_nothing(made, lake):
    days, changes = made.days(), lake.run("SELECT count(DISTINCT change_id) FROM landing")[0][0]
    assert lake.count() == (changes, changes)
    assert lake.merge(days[0], days[-1]) == 0
    assert lake.rows("unmerged", landing="landing", changes=spark.CHANGES, **{"from": days[0], "to": days[-1]}) == []


def test_exports_in_iceberg_end_with_their_snapshots(made, complete):
    found = complete.run(f"SELECT count(*) FROM {spark.CHANGES} WHERE operation = 'SNAPSHOT'")
    assert found == [(len(made.history.exports),)]


def test_state_in_iceberg_equals_the_model(made, complete):
    for moment in made.moments(9):
        found = past.known(complete.state(past.moment_text(moment)), moment)
        assert found == made.expected(moment), past.moment_text(moment)


@pytest.mark.parametrize("statement", [name for name in READING if name != "recent"])
def test_statement_in_spark_returns_what_duckdb_returns(made, complete, expected, statement):
    given = parameters(made, statement)
    found = complete.rows(statement, **{**given, **({"source": spark.CHANGES} if "source" in given else {}),
                                        **({"changes": spark.CHANGES} if "changes" in given else {})})  # fmt: skip
    assert sorted(map(repr, map(plain, found))) == sorted(map(repr, map(plain, expected.rows(statement, **given))))


def test_sorting_rewrites_files_and_no_rows(made, complete):
    days, before = made.days(), sorted(map(repr, complete.run(f"SELECT * FROM {spark.CHANGES}")))
    [result] = complete.rows("optimize", catalog=spark.CATALOG, changes=f"{spark.DATABASE}.changes", **{"from": days[0], "to": days[-1]})
    assert result[0] > 0
    assert sorted(map(repr, complete.run(f"SELECT * FROM {spark.CHANGES}"))) == before


def test_vacuum_keeps_every_row(made, complete):
    before = complete.count()
    complete.rows("vacuum", catalog=spark.CATALOG, changes=f"{spark.DATABASE}.changes", moment="2100-01-01 00:00:00")
    assert complete.count() == before
    assert len(complete.run(f"SELECT * FROM {spark.CHANGES}.snapshots")) == 1


def test_duckdb_reads_the_iceberg_table(made, complete, warehouse, expected):
    reader = with_iceberg()
    reader.execute(f"CREATE VIEW changes AS SELECT * FROM iceberg_scan('{complete.metadata(warehouse)}')")
    columns = 'SELECT * REPLACE (CAST("timestamp" AS TIMESTAMP) AS "timestamp") FROM changes ORDER BY change_id'
    assert reader.execute(columns).fetchall() == expected.run(columns).fetchall()
    moment = past.moment_text(made.moments(9)[5])
    assert duck.state(reader.execute(state_at(moment)).fetchall()) == expected.state(moment, "changes")


def test_pyiceberg_reads_the_iceberg_table(complete, warehouse, expected):
    from pyiceberg.table import StaticTable

    table = StaticTable.from_metadata(str(complete.metadata(warehouse)))
    found = table.scan().to_arrow()
    assert sorted(found["change_id"].to_pylist()) == sorted(row[0] for row in expected.run("SELECT change_id FROM changes").fetchall())
    assert [field.name for field in table.schema().fields] == list(duck.SCHEMA)
    assert {str(field.field_type) for field in table.schema().fields} == {"string", "timestamp", "list<string>"}
    assert str(table.spec().fields[0].transform) == "day"


def test_query_in_the_docs_runs_in_spark(complete, expected):
    [block] = [block for block in document.blocks() if block.kind == "spark"]
    counted = "SELECT operation, count(*) FROM changes GROUP BY operation ORDER BY operation"
    assert complete.run(block.text) == expected.run(counted).fetchall()


def test_polars_finds_the_deletes(complete, warehouse, expected):
    import polars

    [block] = [block for block in document.blocks() if block.language == "python" and "polars" in block.text]
    scope = {"polars": polars, "METADATA": str(complete.metadata(warehouse))}
    exec(block.text, scope)
    deletes = expected.run("SELECT \"table\", keys FROM changes WHERE operation = 'REMOVE'").fetchall()
    assert sorted(scope["deletes"].rows()) == sorted(deletes) != []


def with_iceberg():
    """DuckDB's extensions come as packages, so that nothing is downloaded when they are loaded."""
    import duckdb_extension_avro
    import duckdb_extension_iceberg

    connection = duckdb.connect()
    for package in (duckdb_extension_avro, duckdb_extension_iceberg):
        [file] = Path(package.__file__).parent.glob("extensions/*/*.duckdb_extension")
        connection.execute(f"LOAD '{file}'")
    return connection


def state_at(moment):
    return statements.text("state_at", source="changes", moment=moment)


def parameters(made, statement):
    busiest = max(made.history.captured(), key=lambda change: sum(change.item == other.item for other in made.history.captured()))
    days = made.days()
    own = {"from": days[0], "to": days[-1], "moment": past.moment_text(made.history.exports[1].at), "landing": "landing"}
    own |= {"table": busiest.item[2], "keys": busiest.item[3].replace("'", "''"), "attribute": "total", "path": "$.total"}
    return {name: {**TABLES, **own}[name] for name in READING[statement]}


def plain(row):
    """Spark returns the text of a string where DuckDB returns JSON."""
    return tuple(value.strip('"') if isinstance(value, str) else value for value in row)
