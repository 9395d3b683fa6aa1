-- The items that were deleted from one date to another, both included, by actor: `user`, or `ttl` for DynamoDB's expiry.
-- old is the item as it was; it is null if the stream carries no old images.
SELECT account, region, "table", actor, "timestamp", keys, "old"
FROM ${source}
WHERE operation = 'REMOVE'
  AND "timestamp" >= TIMESTAMP '${from} 00:00:00' AND "timestamp" < TIMESTAMP '${to} 00:00:00' + INTERVAL '1' DAY
ORDER BY account, region, "table", actor, version
