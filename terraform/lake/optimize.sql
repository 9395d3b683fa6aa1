-- Joins the small files of the days from one date to another, both included. Athena's dialect.
-- Athena only packs files. Sorting them by keys as well, which makes an item's history much faster, is Spark's: spark/optimize.sql.
-- Athena may stop half-way and ask for another run with ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED.
OPTIMIZE ${changes} REWRITE DATA USING BIN_PACK
WHERE "timestamp" >= TIMESTAMP '${from} 00:00:00' AND "timestamp" < TIMESTAMP '${to} 00:00:00' + INTERVAL '1' DAY
