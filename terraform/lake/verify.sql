-- Whether the lake is right: compares the state at the moment of an export with what the export read.
-- The state is computed from the export before and the changes since. No row means that both are equal.
-- finding: `missing` (the lake lacks the item), `extra` (the table lacks it), `different`, `different types` (equal JSON, but
-- for example a set on one side and a list on the other), or `changed near the export`: a difference in an item that changed
-- within 5 seconds of the export, where the clocks cannot say which came first.
-- `no export` and `no earlier export` mean that nothing could be compared: no SNAPSHOT has this moment, or none is before it.
WITH snapshots AS (
  SELECT account, region, "table", "timestamp" FROM ${source}
  WHERE operation = 'SNAPSHOT' AND "timestamp" <= TIMESTAMP '${moment}'),
exported AS (
  SELECT DISTINCT account, region, "table" FROM snapshots WHERE "timestamp" = TIMESTAMP '${moment}'),
base AS (
  SELECT e.account, e.region, e."table", max(s."timestamp") AS base_time
  FROM exported e JOIN snapshots s ON s.account = e.account AND s.region = e.region AND s."table" = e."table"
  WHERE s."timestamp" < TIMESTAMP '${moment}' GROUP BY e.account, e.region, e."table"),
expected AS (
  SELECT c.account, c.region, c."table", c.keys, max(c."new") AS "new", max(coalesce(regexp_extract(c.types, ',"new":[{](.*)[}][}]$', 1), '')) AS new_types
  FROM ${source} c JOIN base b ON c.account = b.account AND c.region = b.region AND c."table" = b."table"
  WHERE c.operation = 'READ' AND c."timestamp" = TIMESTAMP '${moment}'
  GROUP BY c.account, c.region, c."table", c.keys),
ordered AS (
  SELECT c.account, c.region, c."table", c.keys, c."new", coalesce(regexp_extract(c.types, ',"new":[{](.*)[}][}]$', 1), '') AS new_types, c.operation,
         row_number() OVER (PARTITION BY c.account, c.region, c."table", c.keys ORDER BY c.version DESC) AS nth
  FROM ${source} c JOIN base b ON c.account = b.account AND c.region = b.region AND c."table" = b."table"
  WHERE c."timestamp" <= TIMESTAMP '${moment}' AND c.operation IN ('INSERT', 'MODIFY', 'REMOVE', 'READ')
    AND CASE WHEN c.operation = 'READ' THEN c."timestamp" = b.base_time
             ELSE c."timestamp" >= b.base_time - INTERVAL '1' HOUR END),
state AS (
  SELECT account, region, "table", keys, "new", new_types FROM ordered WHERE nth = 1 AND operation <> 'REMOVE'),
near AS (
  SELECT DISTINCT account, region, "table", keys, 'near' AS mark FROM ${source}
  WHERE operation IN ('INSERT', 'MODIFY', 'REMOVE')
    AND "timestamp" >= TIMESTAMP '${moment}' - INTERVAL '5' SECOND
    AND "timestamp" <= TIMESTAMP '${moment}' + INTERVAL '5' SECOND),
differences AS (
  SELECT coalesce(e.account, s.account) AS account, coalesce(e.region, s.region) AS region,
         coalesce(e."table", s."table") AS "table", coalesce(e.keys, s.keys) AS keys,
         e."new" AS expected, s."new" AS found
  FROM expected e FULL OUTER JOIN state s
    ON s.account = e.account AND s.region = e.region AND s."table" = e."table" AND s.keys = e.keys
  WHERE e.keys IS NULL OR s.keys IS NULL OR e."new" <> s."new" OR e.new_types <> s.new_types)
SELECT d.account, d.region, d."table",
       CASE WHEN n.mark IS NOT NULL THEN 'changed near the export'
            WHEN d.found IS NULL THEN 'missing'
            WHEN d.expected IS NULL THEN 'extra'
            WHEN d.expected = d.found THEN 'different types'
            ELSE 'different' END AS finding,
       d.keys, d.expected, d.found
FROM differences d LEFT JOIN near n
  ON n.account = d.account AND n.region = d.region AND n."table" = d."table" AND n.keys = d.keys
UNION ALL
SELECT e.account, e.region, e."table", 'no earlier export' AS finding, NULL AS keys, NULL AS expected, NULL AS found
FROM exported e LEFT JOIN base b ON b.account = e.account AND b.region = e.region AND b."table" = e."table"
WHERE b.base_time IS NULL
UNION ALL
SELECT DISTINCT c.account, c.region, c."table", 'no export' AS finding, NULL AS keys, NULL AS expected, NULL AS found
FROM ${source} c LEFT JOIN (SELECT count(*) AS tables FROM exported) AS e ON true
WHERE e.tables = 0
ORDER BY 1, 2, 3, 4, 5
