-- Per day, how many changes landed that `changes` lacks. No row means that it lacks none.
-- Changes that landed after the last MERGE are counted too; a count that stays is late data outside the merged window.
SELECT
  `l`.`date`,
  COUNT(*) AS `unmerged`
FROM (
  SELECT DISTINCT
    `change_id`,
    `date`
  FROM ${landing}
  WHERE
    `date` >= '${from}' AND `date` <= '${to}'
) AS `l`
LEFT JOIN (
  SELECT
    `change_id`
  FROM ${changes}
  WHERE
    `timestamp` >= CAST('${from} 00:00:00' AS TIMESTAMP_NTZ)
    AND `timestamp` < CAST('${to} 00:00:00' AS TIMESTAMP_NTZ) + INTERVAL '1' DAY
) AS `c`
  ON `c`.`change_id` = `l`.`change_id`
WHERE
  `c`.`change_id` IS NULL
GROUP BY
  `l`.`date`
ORDER BY
  `l`.`date` NULLS LAST
