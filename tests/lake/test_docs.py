"""Every query of docs/lake.md runs, and returns the table that follows it. UPDATE_DOCS=1 rewrites both."""

import json
import os
import re
import sys

import document
import duckdb
import function
import pytest
import rows
import sqlglot
import statements

sys.path.append(str(statements.ROOT / "scripts"))
import lake_cost  # noqa: E402

SAMPLE = statements.ROOT / "docs" / "samples" / "orders-of-two-days.json"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder in which the sample was replayed into `lake`, as the page says."""
    function.run(tmp_path / "lake", [SAMPLE])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_query_returns_the_table_after_it(folder):
    update()
    lake = duckdb.connect()
    for block in document.blocks():
        if block.language == "sql" and block.kind not in ("athena", "spark"):
            found = lake.execute(block.text)
            if block.table:
                assert result(block, found) == block.table, block.text


def test_query_in_the_readme_tells_the_life_of_an_order(folder):
    [text] = re.findall(r"```sql\n(.*?)```", (statements.ROOT / "README.md").read_text(), re.DOTALL)
    found = duckdb.sql(text.rstrip().rstrip(";")).fetchall()
    assert [(time, operation, json.loads(new)["total"]) for time, operation, new in found] == [
        ("2024-05-01T09:00:00.000000Z", "INSERT", 20),
        ("2024-05-01T09:00:40.000000Z", "MODIFY", 20),
        ("2024-05-01T10:15:00.000000Z", "MODIFY", 18.5),
        ("2024-05-02T08:30:00.000000Z", "MODIFY", 18.5),
    ]


def test_statements_are_those_that_the_module_ships():
    for block in document.blocks():
        if block.given:
            assert block.text == document.filled(block.kind, block.given)


def test_every_reading_statement_is_explained():
    text = document.FILE.read_text()
    for file in statements.TRINO.glob("*.sql"):
        assert re.search(rf"\b{file.stem}\b", text) or file.stem in ("create", "vacuum", "merge"), file.stem


def test_view_for_athena_has_the_columns_of_the_one_for_duckdb(folder):
    lake = prepared()
    lake.execute("CREATE TABLE changes AS SELECT * FROM recent")
    [block] = [block for block in document.blocks() if block.kind == "athena"]
    view = block.text.replace("VIEW orders", "VIEW orders_for_athena")
    lake.execute(sqlglot.transpile(view, read="trino", write="duckdb")[0])
    assert lake.execute("SELECT * FROM orders_for_athena ORDER BY version").fetchall() == lake.execute("SELECT * FROM orders ORDER BY version").fetchall()


def test_pandas_counts_the_operations(folder):
    [block] = [block for block in document.blocks() if block.language == "python" and "df()" in block.text]
    scope = {"duckdb": prepared()}
    exec(block.text, scope)
    assert scope["by_operation"] == {"INSERT": 4, "MODIFY": 3, "REMOVE": 2}


def test_cost_is_what_the_script_computes():
    [found] = re.findall(r"<!-- cost -->\n\n((?:\|[^\n]*\n)+)", document.FILE.read_text())
    assert found.strip() == lake_cost.table([1, 100, 1_000])


def test_column_table_names_every_column_in_order():
    section = document.FILE.read_text().split("## Columns")[1].split("## ")[0]
    named = [name for line in section.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line.split("|")[1])]
    assert named == rows.MEMBERS


def test_alarms_name_their_sections():
    alarms = (statements.TRINO.parent / "lake_alarms.tf").read_text()
    titles = re.findall(r"docs/lake\.md, ([^.\"]+)\.", alarms)
    assert len(titles) == 4 and all(f"### {title}\n" in document.FILE.read_text() for title in titles)


def prepared():
    """Every block for DuckDB that defines something."""
    lake = duckdb.connect()
    for block in document.blocks():
        if block.language == "sql" and block.text.startswith("CREATE") and block.kind != "athena":
            lake.execute(block.text)
    return lake


def update():
    if os.environ.get("UPDATE_DOCS") != "1":
        return
    lake, text = duckdb.connect(), document.FILE.read_text()
    text = document.BLOCK.sub(lambda found: renewed(found, lake), text)
    text = re.sub(r"(<!-- cost -->\n)(\n\|[^\n]*(\n\|[^\n]*)*\n)?", lambda found: f"{found[1]}\n{lake_cost.table([1, 100, 1_000])}\n", text)
    document.FILE.write_text(text)


def renewed(found, lake):
    block, whole = document.block(found), found[0]
    if block.given:
        whole = whole.replace(f"```sql\n{block.text}```", f"```sql\n{document.filled(block.kind, block.given)}```")
        block.text = document.filled(block.kind, block.given)
    if block.language != "sql" or block.kind in ("athena", "spark"):
        return whole
    found = lake.execute(block.text)
    return whole.replace(block.table, result(block, found)) if block.table else whole


def result(block, found):
    """The table as Markdown; the state is unordered."""
    columns, rows = [column[0] for column in found.description], found.fetchall()
    return document.table(columns, sorted(rows) if block.kind in ("state_at", "current_state") else rows)
