-- Makes the Iceberg table `changes`, once. Athena's dialect.
-- The columns are those of the format `rows`; a table's attributes never become columns, so the schema never changes.
-- Partitions are days: a larger unit would make every MERGE read more, a smaller one would make small files.
-- The location holds Iceberg's files and nothing else, because VACUUM deletes what it does not know.
CREATE TABLE IF NOT EXISTS ${database}.${changes} (
  change_id string,
  event_id string,
  operation string,
  account string,
  region string,
  `table` string,
  source string,
  sequence_number string,
  version string,
  `timestamp` timestamp,
  actor string,
  keys string,
  old string,
  new string,
  types string,
  changed array<string>)
PARTITIONED BY (day(`timestamp`))
LOCATION '${location}'
TBLPROPERTIES (
  'table_type' = 'ICEBERG',
  'format' = 'parquet',
  'write_compression' = 'zstd',
  'vacuum_max_snapshot_age_seconds' = '${snapshot_seconds}')
