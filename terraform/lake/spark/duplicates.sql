-- The changes that occur more than once, and how often.
-- Over the landing objects it lists what was delivered again; over `changes` and `recent` it returns no row.
SELECT
  `change_id`,
  COUNT(*) AS `copies`
FROM ${source}
GROUP BY
  `change_id`
HAVING
  COUNT(*) > 1
ORDER BY
  `copies` DESC,
  `change_id` NULLS LAST
