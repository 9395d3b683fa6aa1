-- Whether the lake is right: compares the state at the moment of an export with what the export read.
-- The state is computed from the export before and the changes since. No row means that both are equal.
-- finding: `missing` (the lake lacks the item), `extra` (the table lacks it), `different`, `different types` (equal JSON, but
-- for example a set on one side and a list on the other), or `changed near the export`: a difference in an item that changed
-- within 5 seconds of the export, where the clocks cannot say which came first.
-- `no export` and `no earlier export` mean that nothing could be compared: no SNAPSHOT has this moment, or none is before it.
WITH `snapshots` AS (
  SELECT
    `account`,
    `region`,
    `table`,
    `timestamp`
  FROM ${source}
  WHERE
    `operation` = 'SNAPSHOT'
    AND `timestamp` <= CAST('${moment}' AS TIMESTAMP_NTZ)
), `exported` AS (
  SELECT DISTINCT
    `account`,
    `region`,
    `table`
  FROM `snapshots`
  WHERE
    `timestamp` = CAST('${moment}' AS TIMESTAMP_NTZ)
), `base` AS (
  SELECT
    `e`.`account`,
    `e`.`region`,
    `e`.`table`,
    MAX(`s`.`timestamp`) AS `base_time`
  FROM `exported` AS `e`
  JOIN `snapshots` AS `s`
    ON `s`.`account` = `e`.`account`
    AND `s`.`region` = `e`.`region`
    AND `s`.`table` = `e`.`table`
  WHERE
    `s`.`timestamp` < CAST('${moment}' AS TIMESTAMP_NTZ)
  GROUP BY
    `e`.`account`,
    `e`.`region`,
    `e`.`table`
), `expected` AS (
  SELECT
    `c`.`account`,
    `c`.`region`,
    `c`.`table`,
    `c`.`keys`,
    MAX(`c`.`new`) AS `new`,
    MAX(COALESCE(REGEXP_EXTRACT(`c`.`types`, ',"new":[{](.*)[}][}]$'), '')) AS `new_types`
  FROM ${source} AS `c`
  JOIN `base` AS `b`
    ON `c`.`account` = `b`.`account`
    AND `c`.`region` = `b`.`region`
    AND `c`.`table` = `b`.`table`
  WHERE
    `c`.`operation` = 'READ'
    AND `c`.`timestamp` = CAST('${moment}' AS TIMESTAMP_NTZ)
  GROUP BY
    `c`.`account`,
    `c`.`region`,
    `c`.`table`,
    `c`.`keys`
), `ordered` AS (
  SELECT
    `c`.`account`,
    `c`.`region`,
    `c`.`table`,
    `c`.`keys`,
    `c`.`new`,
    COALESCE(REGEXP_EXTRACT(`c`.`types`, ',"new":[{](.*)[}][}]$'), '') AS `new_types`,
    `c`.`operation`,
    ROW_NUMBER() OVER (
      PARTITION BY `c`.`account`, `c`.`region`, `c`.`table`, `c`.`keys`
      ORDER BY `c`.`version` DESC
    ) AS `nth`
  FROM ${source} AS `c`
  JOIN `base` AS `b`
    ON `c`.`account` = `b`.`account`
    AND `c`.`region` = `b`.`region`
    AND `c`.`table` = `b`.`table`
  WHERE
    `c`.`timestamp` <= CAST('${moment}' AS TIMESTAMP_NTZ)
    AND `c`.`operation` IN ('INSERT', 'MODIFY', 'REMOVE', 'READ')
    AND CASE
      WHEN `c`.`operation` = 'READ'
      THEN `c`.`timestamp` = `b`.`base_time`
      ELSE `c`.`timestamp` >= `b`.`base_time` - INTERVAL '1' HOUR
    END
), `state` AS (
  SELECT
    `account`,
    `region`,
    `table`,
    `keys`,
    `new`,
    `new_types`
  FROM `ordered`
  WHERE
    `nth` = 1 AND `operation` <> 'REMOVE'
), `near` AS (
  SELECT DISTINCT
    `account`,
    `region`,
    `table`,
    `keys`,
    'near' AS `mark`
  FROM ${source}
  WHERE
    `operation` IN ('INSERT', 'MODIFY', 'REMOVE')
    AND `timestamp` >= CAST('${moment}' AS TIMESTAMP_NTZ) - INTERVAL '5' SECOND
    AND `timestamp` <= CAST('${moment}' AS TIMESTAMP_NTZ) + INTERVAL '5' SECOND
), `differences` AS (
  SELECT
    COALESCE(`e`.`account`, `s`.`account`) AS `account`,
    COALESCE(`e`.`region`, `s`.`region`) AS `region`,
    COALESCE(`e`.`table`, `s`.`table`) AS `table`,
    COALESCE(`e`.`keys`, `s`.`keys`) AS `keys`,
    `e`.`new` AS `expected`,
    `s`.`new` AS `found`
  FROM `expected` AS `e`
  FULL OUTER JOIN `state` AS `s`
    ON `s`.`account` = `e`.`account`
    AND `s`.`region` = `e`.`region`
    AND `s`.`table` = `e`.`table`
    AND `s`.`keys` = `e`.`keys`
  WHERE
    `e`.`keys` IS NULL
    OR `s`.`keys` IS NULL
    OR `e`.`new` <> `s`.`new`
    OR `e`.`new_types` <> `s`.`new_types`
)
SELECT
  `d`.`account`,
  `d`.`region`,
  `d`.`table`,
  CASE
    WHEN NOT `n`.`mark` IS NULL
    THEN 'changed near the export'
    WHEN `d`.`found` IS NULL
    THEN 'missing'
    WHEN `d`.`expected` IS NULL
    THEN 'extra'
    WHEN `d`.`expected` = `d`.`found`
    THEN 'different types'
    ELSE 'different'
  END AS `finding`,
  `d`.`keys`,
  `d`.`expected`,
  `d`.`found`
FROM `differences` AS `d`
LEFT JOIN `near` AS `n`
  ON `n`.`account` = `d`.`account`
  AND `n`.`region` = `d`.`region`
  AND `n`.`table` = `d`.`table`
  AND `n`.`keys` = `d`.`keys`
UNION ALL
SELECT
  `e`.`account`,
  `e`.`region`,
  `e`.`table`,
  'no earlier export' AS `finding`,
  NULL AS `keys`,
  NULL AS `expected`,
  NULL AS `found`
FROM `exported` AS `e`
LEFT JOIN `base` AS `b`
  ON `b`.`account` = `e`.`account`
  AND `b`.`region` = `e`.`region`
  AND `b`.`table` = `e`.`table`
WHERE
  `b`.`base_time` IS NULL
UNION ALL
SELECT DISTINCT
  `c`.`account`,
  `c`.`region`,
  `c`.`table`,
  'no export' AS `finding`,
  NULL AS `keys`,
  NULL AS `expected`,
  NULL AS `found`
FROM ${source} AS `c`
LEFT JOIN (
  SELECT
    COUNT(*) AS `tables`
  FROM `exported`
) AS `e`
  ON TRUE
WHERE
  `e`.`tables` = 0
ORDER BY
  1 NULLS LAST,
  2 NULLS LAST,
  3 NULLS LAST,
  4 NULLS LAST,
  5 NULLS LAST
