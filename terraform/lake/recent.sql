-- The changes in the landing objects, with the columns and types of `changes` and each change once: the view `recent`.
-- The first copy by version wins, so that every engine and every run picks the same one.
-- Copies of a change have the same time and therefore the same date. Partitioning by both lets a filter on the date reach the scan.
-- The cast keeps six digits: from_iso8601_timestamp keeps three, and changes of one millisecond would lose their times.
SELECT change_id, event_id, operation, account, region, "table", source, sequence_number, version,
       CAST(replace(substr("timestamp", 1, 26), 'T', ' ') AS timestamp(6)) AS "timestamp",
       actor, keys, "old", "new", types, changed
FROM (
  SELECT *, row_number() OVER (PARTITION BY change_id, "date" ORDER BY version) AS copy
  FROM ${landing}) AS landed
WHERE copy = 1
