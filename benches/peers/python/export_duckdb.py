"""Copies an export's items, in DynamoDB's JSON as they are, into a file of lines with DuckDB.

    export_duckdb.py EXPORT FILE

Reading and writing text instead of typed JSON, and neither quoting nor delimiting it, is several times faster.
"""

import sys

import duckdb

COPY = """
    COPY (SELECT json->'Item' FROM read_ndjson_objects('{export}/data/*.json.gz'))
    TO '{file}' (FORMAT csv, COMPRESSION zstd, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')
"""


def main(export, file):
    duckdb.connect(config={"threads": 1}).execute(COPY.format(export=export, file=file))


if __name__ == "__main__":
    main(*sys.argv[1:])
