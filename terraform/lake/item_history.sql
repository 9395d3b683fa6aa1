-- The life of an item: what exports read of it, in order of time, and then its changes, in their true order.
-- keys is the item's key as canonical JSON text, for example {"id":"order-1"}; write a single quote twice.
-- Times may be equal or a second off, versions are not: therefore version orders.
SELECT account, region, "timestamp", operation, actor, changed, "old", "new"
FROM ${source}
WHERE "table" = '${table}' AND keys = '${keys}' AND operation IN ('INSERT', 'MODIFY', 'REMOVE', 'READ')
ORDER BY account, region, version, "timestamp"
