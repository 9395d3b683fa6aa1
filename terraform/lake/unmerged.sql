-- Per day, how many changes landed that `changes` lacks. No row means that it lacks none.
-- Changes that landed after the last MERGE are counted too; a count that stays is late data outside the merged window.
SELECT l."date", count(*) AS unmerged
FROM (
  SELECT DISTINCT change_id, "date"
  FROM ${landing} WHERE "date" >= '${from}' AND "date" <= '${to}') AS l
LEFT JOIN (
  SELECT change_id FROM ${changes}
  WHERE "timestamp" >= TIMESTAMP '${from} 00:00:00'
    AND "timestamp" < TIMESTAMP '${to} 00:00:00' + INTERVAL '1' DAY) AS c
  ON c.change_id = l.change_id
WHERE c.change_id IS NULL
GROUP BY l."date"
ORDER BY l."date"
