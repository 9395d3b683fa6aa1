"""Copies an export's items, in DynamoDB's JSON as they are, into a file of lines with DuckDB.

    export_duckdb.py EXPORT FILE
"""

import sys

import duckdb

COPY = """
    COPY (SELECT Item FROM read_json('{export}/data/*.json.gz', format = 'newline_delimited', columns = {{Item: 'JSON'}}))
    TO '{file}' (FORMAT json, COMPRESSION zstd)
"""


def main(export, file):
    duckdb.connect(config={"threads": 1}).execute(COPY.format(export=export, file=file))


if __name__ == "__main__":
    main(*sys.argv[1:])
