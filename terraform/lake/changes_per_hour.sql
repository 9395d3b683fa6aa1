-- How many changes each table had per hour and kind, from one date to another, both included.
-- An hour without changes has no row. Exported items are not changes and are not counted.
SELECT account, region, "table", date_trunc('hour', "timestamp") AS "hour", operation, count(*) AS changes
FROM ${source}
WHERE operation IN ('INSERT', 'MODIFY', 'REMOVE', 'APPEND')
  AND "timestamp" >= TIMESTAMP '${from} 00:00:00' AND "timestamp" < TIMESTAMP '${to} 00:00:00' + INTERVAL '1' DAY
GROUP BY account, region, "table", date_trunc('hour', "timestamp"), operation
ORDER BY account, region, "table", "hour", operation
