"""The S3 sink's objects: laid into a folder, and asked about with DuckDB."""

import duckdb

COLUMNS = """{
    event_id: 'VARCHAR', operation: 'VARCHAR', "table": 'VARCHAR', sequence_number: 'VARCHAR',
    timestamp: 'TIMESTAMPTZ', keys: 'JSON', old: 'JSON', new: 'JSON', changed: 'VARCHAR[]'
}"""
COUNTS = """
    SELECT "table", date, operation, count(*) AS changes, count(DISTINCT event_id) AS event_ids
    FROM lake GROUP BY ALL ORDER BY ALL
"""
ONE_ORDER = """
    SELECT operation, changed, new->>'quantity' AS quantity, new->>'total' AS total, new->>'cash' AS cash
    FROM lake WHERE keys->>'referenceId' = 'sample-reference-id-12345' ORDER BY sequence_number
"""
BEST_CUSTOMERS = """
    WITH latest AS (SELECT new FROM lake QUALIFY row_number() OVER (
        PARTITION BY keys->>'referenceId' ORDER BY sequence_number DESC) = 1)
    SELECT new->>'customer_id' AS customer, count(*) AS orders, sum((new->>'total')::DECIMAL(18, 2)) AS total
    FROM latest WHERE new IS NOT NULL GROUP BY ALL ORDER BY total DESC LIMIT 5
"""
QUERIES = {
    "changes by kind": COUNTS,
    "the life of the sample order": ONE_ORDER,
    "the best customers, from the latest state of each order": BEST_CUSTOMERS,
}


def write(bodies, folder):
    for key, body in bodies.items():
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    return folder


def count(lake):
    """Rows, and distinct event ids among them."""
    return lake.sql("SELECT count(*), count(DISTINCT event_id) FROM lake").fetchone()


def opened(folder):
    lake = duckdb.connect()
    lake.execute(
        f"CREATE VIEW lake AS SELECT * FROM read_json('{folder}/**/*.jsonl.gz', format = 'newline_delimited', "
        f"hive_partitioning = true, hive_types_autocast = false, columns = {COLUMNS})"
    )
    return lake
