-- Adds to `changes` the changes that landed from one date to another, both included, and adds none twice.
-- A change is known by change_id, so a second run over the same or an overlapping window inserts nothing.
-- The window stands on both sides: on the landing objects' date for projection, on the time for Iceberg's partitions.
-- Athena writes at most 100 partitions per statement: a longer span is merged in windows of at most 30 days.
-- Two MERGEs that run at once can both insert a change: run one at a time.
MERGE INTO ${changes} AS `t`
USING (
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
      ROW_NUMBER() OVER (PARTITION BY `change_id`, `date` ORDER BY `version` NULLS LAST) AS `copy`
    FROM ${landing}
    WHERE
      `date` >= '${from}' AND `date` <= '${to}'
  ) AS `landed`
  WHERE
    `copy` = 1
) AS `s`
ON `t`.`change_id` = `s`.`change_id`
AND `t`.`timestamp` >= CAST('${from} 00:00:00' AS TIMESTAMP_NTZ)
AND `t`.`timestamp` < CAST('${to} 00:00:00' AS TIMESTAMP_NTZ) + INTERVAL '1' DAY
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
