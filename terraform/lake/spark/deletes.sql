-- The items that were deleted from one date to another, both included, by actor: `user`, or `ttl` for DynamoDB's expiry.
-- old is the item as it was; it is null if the stream carries no old images.
SELECT
  `account`,
  `region`,
  `table`,
  `actor`,
  `timestamp`,
  `keys`,
  `old`
FROM ${source}
WHERE
  `operation` = 'REMOVE'
  AND `timestamp` >= CAST('${from} 00:00:00' AS TIMESTAMP_NTZ)
  AND `timestamp` < CAST('${to} 00:00:00' AS TIMESTAMP_NTZ) + INTERVAL '1' DAY
ORDER BY
  `account` NULLS LAST,
  `region` NULLS LAST,
  `table` NULLS LAST,
  `actor` NULLS LAST,
  `version` NULLS LAST
