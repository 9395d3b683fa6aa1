-- Makes the Iceberg table `changes`, once.
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
  `timestamp` timestamp_ntz,
  actor string,
  keys string,
  old string,
  new string,
  types string,
  changed array<string>)
USING iceberg
PARTITIONED BY (days(`timestamp`))
TBLPROPERTIES ('write.parquet.compression-codec' = 'zstd', 'write.distribution-mode' = 'hash')
