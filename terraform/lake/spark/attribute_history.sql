-- The values of one attribute of an item over time: a row for each change that set, altered or removed the attribute.
-- attribute is its name at the top level; path is the JSON path of the value to return, for example $.total or $.address.city.
-- A change without both images is returned too, because it cannot be known whether it altered the attribute.
-- The value is JSON. Engines may print a number in another way than DynamoDB did: new holds every digit.
SELECT
  `account`,
  `region`,
  `timestamp`,
  `operation`,
  `actor`,
  GET_JSON_OBJECT(`new`, '${path}') AS `value`
FROM ${source}
WHERE
  `table` = '${table}'
  AND `keys` = '${keys}'
  AND `operation` IN ('INSERT', 'MODIFY', 'REMOVE', 'READ')
  AND (
    `changed` IS NULL OR ARRAY_CONTAINS(`changed`, '${attribute}')
  )
ORDER BY
  `account` NULLS LAST,
  `region` NULLS LAST,
  `version` NULLS LAST,
  `timestamp` NULLS LAST
