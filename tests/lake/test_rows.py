"""The reference encoder and the function give the same bytes, and the lake's columns are those of the format."""

import json
import re

import function
import pytest
import rows
import statements

SAMPLES = statements.ROOT / "events" / "samples"
GOLDEN = statements.ROOT / "tests" / "decoding" / "golden"
MALFORMED = {"with-a-bad-record"}  # the reference decodes well-formed records only


@pytest.mark.parametrize("sample", sorted(file.stem for file in SAMPLES.glob("*.json") if file.stem not in MALFORMED))
def test_reference_gives_the_golden_rows(sample):
    payload = json.loads((SAMPLES / f"{sample}.json").read_text())
    assert rows.lines(payload) == (GOLDEN / f"{sample}.rows.jsonl").read_text().splitlines()


def test_function_gives_the_bytes_of_the_reference(made):
    """Every line of every payload of a random past, duplicates included."""
    expected = [line for text in made.payloads for line in rows.lines(json.loads(text))]
    assert sorted(set(function.written(made.folder))) == sorted(set(expected))


def test_sink_lays_objects_where_the_lake_reads_them(made):
    for file in (made.folder / "changes").glob("**/*.jsonl.gz"):
        table, day, hour = (part.split("=")[1] for part in file.relative_to(made.folder / "changes").parts[:3])
        for line in function.lines(file):
            row = json.loads(line)
            assert (row["table"], row["timestamp"][:10], row["timestamp"][11:13]) == (table, day, hour)


def test_columns_of_glue_and_iceberg_are_those_of_rows():
    assert columns("create") == rows.MEMBERS == list(json.loads((GOLDEN / "orders.rows.jsonl").read_text().splitlines()[0]))
    glue = re.search(r"lake_columns = \[(.*?)\]", (statements.TRINO.parent / "lake.tf").read_text(), re.DOTALL)
    assert re.findall(r'"(\w+)"', glue[1]) == rows.MEMBERS


def test_every_statement_that_copies_rows_names_every_column():
    for name in ("recent", "merge", "merge_export"):
        text = (statements.TRINO / f"{name}.sql").read_text()
        assert all(re.search(rf'\b"?{column}"?\b', text) for column in rows.MEMBERS), name


def columns(name):
    body = statements.bare((statements.TRINO / f"{name}.sql").read_text())
    return re.findall(r"^  `?(\w+)`? (?:string|timestamp|array<string>)", body, re.MULTILINE)
