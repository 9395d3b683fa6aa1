-- Every item as it was at a moment (UTC): one row per item, with its keys and its attributes as canonical JSON text.
-- The newest export before the moment is the base, and the changes since override it; version orders the changes of an item.
-- Changes from one hour before the export count as well, because the clocks of a stream and of an export differ.
-- Before a table's first export the result holds the items that changed since capture began.
WITH `base` AS (
  SELECT
    `account`,
    `region`,
    `table`,
    MAX(`timestamp`) AS `base_time`
  FROM ${source}
  WHERE
    `operation` = 'SNAPSHOT'
    AND `timestamp` <= CAST('${moment}' AS TIMESTAMP_NTZ)
  GROUP BY
    `account`,
    `region`,
    `table`
), `ordered` AS (
  SELECT
    `c`.`account`,
    `c`.`region`,
    `c`.`table`,
    `c`.`keys`,
    `c`.`new`,
    `c`.`operation`,
    ROW_NUMBER() OVER (
      PARTITION BY `c`.`account`, `c`.`region`, `c`.`table`, `c`.`keys`
      ORDER BY `c`.`version` DESC
    ) AS `nth`
  FROM ${source} AS `c`
  LEFT JOIN `base` AS `b`
    ON `c`.`account` = `b`.`account`
    AND `c`.`region` = `b`.`region`
    AND `c`.`table` = `b`.`table`
  WHERE
    `c`.`timestamp` <= CAST('${moment}' AS TIMESTAMP_NTZ)
    AND `c`.`operation` IN ('INSERT', 'MODIFY', 'REMOVE', 'READ')
    AND CASE
      WHEN `c`.`operation` = 'READ'
      THEN `c`.`timestamp` = `b`.`base_time`
      ELSE `b`.`base_time` IS NULL OR `c`.`timestamp` >= `b`.`base_time` - INTERVAL '1' HOUR
    END
)
SELECT
  `account`,
  `region`,
  `table`,
  `keys`,
  `new`
FROM `ordered`
WHERE
  `nth` = 1 AND `operation` <> 'REMOVE'
