-- Removes old snapshots and the files that only they use. Athena's dialect.
-- Athena may stop half-way and ask for another run with ICEBERG_VACUUM_MORE_RUNS_NEEDED.
VACUUM ${changes}
