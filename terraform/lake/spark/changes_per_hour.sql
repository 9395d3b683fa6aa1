-- How many changes each table had per hour and kind, from one date to another, both included.
-- An hour without changes has no row. Exported items are not changes and are not counted.
SELECT
  `account`,
  `region`,
  `table`,
  CAST(DATE_TRUNC('HOUR', `timestamp`) AS TIMESTAMP_NTZ) AS `hour`,
  `operation`,
  COUNT(*) AS `changes`
FROM ${source}
WHERE
  `operation` IN ('INSERT', 'MODIFY', 'REMOVE', 'APPEND')
  AND `timestamp` >= CAST('${from} 00:00:00' AS TIMESTAMP_NTZ)
  AND `timestamp` < CAST('${to} 00:00:00' AS TIMESTAMP_NTZ) + INTERVAL '1' DAY
GROUP BY
  `account`,
  `region`,
  `table`,
  CAST(DATE_TRUNC('HOUR', `timestamp`) AS TIMESTAMP_NTZ),
  `operation`
ORDER BY
  `account` NULLS LAST,
  `region` NULLS LAST,
  `table` NULLS LAST,
  `hour` NULLS LAST,
  `operation` NULLS LAST
