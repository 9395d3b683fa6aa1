-- Adds an export to `changes`. Run it until it inserts nothing: the first run inserts the READ rows, the next one the SNAPSHOT.
-- State queries use an export only if they find its SNAPSHOT, so the SNAPSHOT is inserted last, and only if `changes`
-- holds as many READ rows of this export as it says. Half an export is never taken for a whole one.
-- READ rows are counted by their change_id, because another export of the table can have the same time.
MERGE INTO ${changes} AS `t`
USING (
  WITH `exported` AS (
    SELECT
      `change_id`,
      `event_id`,
      `operation`,
      `account`,
      `region`,
      `table`,
      `source`,
      `sequence_number`,
      `version`,
      CAST(REPLACE(SUBSTRING(`timestamp`, 1, 26), 'T', ' ') AS TIMESTAMP_NTZ) AS `timestamp`,
      `actor`,
      `keys`,
      `old`,
      `new`,
      `types`,
      `changed`
    FROM (
      SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY `change_id` ORDER BY `version` NULLS LAST) AS `copy`
      FROM ${exports}
      WHERE
        `export` = '${export}'
    ) AS `landed`
    WHERE
      `copy` = 1
  ), `merged` AS (
    SELECT
      COUNT(*) AS `items`
    FROM `exported` AS `e`
    JOIN ${changes} AS `c`
      ON `c`.`change_id` = `e`.`change_id` AND `c`.`timestamp` = `e`.`timestamp`
    WHERE
      `e`.`operation` = 'READ'
  )
  SELECT
    `e`.*
  FROM `exported` AS `e`
  CROSS JOIN `merged` AS `m`
  WHERE
    `e`.`operation` = 'READ'
    OR `e`.`operation` = 'SNAPSHOT'
    AND `m`.`items` >= CAST(GET_JSON_OBJECT(`e`.`new`, '$.items') AS BIGINT)
) AS `s`
ON `t`.`change_id` = `s`.`change_id` AND `t`.`timestamp` = `s`.`timestamp`
WHEN NOT MATCHED THEN INSERT (
  `change_id`,
  `event_id`,
  `operation`,
  `account`,
  `region`,
  `table`,
  `source`,
  `sequence_number`,
  `version`,
  `timestamp`,
  `actor`,
  `keys`,
  `old`,
  `new`,
  `types`,
  `changed`
) VALUES (
  `s`.`change_id`,
  `s`.`event_id`,
  `s`.`operation`,
  `s`.`account`,
  `s`.`region`,
  `s`.`table`,
  `s`.`source`,
  `s`.`sequence_number`,
  `s`.`version`,
  `s`.`timestamp`,
  `s`.`actor`,
  `s`.`keys`,
  `s`.`old`,
  `s`.`new`,
  `s`.`types`,
  `s`.`changed`
)
