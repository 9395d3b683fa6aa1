-- Sorts the files by table and keys, so that an item's history reads few of them. Needs Iceberg's extensions for Spark.
CALL ${catalog}.system.rewrite_data_files(
  table => '${changes}',
  strategy => 'sort',
  sort_order => 'account ASC, region ASC, `table` ASC, keys ASC, version ASC',
  where => "timestamp >= TIMESTAMP_NTZ '${from} 00:00:00' AND timestamp <= TIMESTAMP_NTZ '${to} 23:59:59.999999'")
