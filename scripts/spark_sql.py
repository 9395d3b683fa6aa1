"""Derive Spark's text of the lake's statements from Trino's: terraform/lake/*.sql to terraform/lake/spark/*.sql.

Queries and MERGEs are translated by sqlglot. Iceberg's `timestamp` has no zone and is TIMESTAMP_NTZ in Spark, whose
own TIMESTAMP would be compared in the session's zone. CREATE, OPTIMIZE and VACUUM are Athena's dialect; Spark has
other statements for them, which are written here.

    spark_sql.py [--check]      --check: write nothing, fail if a file is not current
"""

import re
import sys
from pathlib import Path

import sqlglot
from sqlglot import exp

LAKE = Path(__file__).resolve().parents[1] / "terraform" / "lake"
SPARK = LAKE / "spark"
ATHENA_ONLY = ("create", "optimize", "vacuum")
PARAMETER = re.compile(r"\$\{(\w+)\}")
MARK = "parameter_"
NTZ = exp.DataType.build("timestampntz", dialect="spark")

OPTIMIZE = """\
-- Sorts the files by table and keys, so that an item's history reads few of them. Needs Iceberg's extensions for Spark.
CALL ${catalog}.system.rewrite_data_files(
  table => '${changes}',
  strategy => 'sort',
  sort_order => 'account ASC, region ASC, `table` ASC, keys ASC, version ASC',
  where => "timestamp >= TIMESTAMP_NTZ '${from} 00:00:00' AND timestamp <= TIMESTAMP_NTZ '${to} 23:59:59.999999'")
"""
VACUUM = """\
-- Removes snapshots older than the moment (UTC) and the files that only they use.
CALL ${catalog}.system.expire_snapshots(table => '${changes}', older_than => TIMESTAMP '${moment}')
"""


def main():
    texts = {name: text for name, text in derived()}
    if "--check" in sys.argv[1:]:
        stale = [name for name, text in texts.items() if current(name) != text]
        sys.exit(f"not current: {', '.join(stale)}; run scripts/spark_sql.py" if stale else 0)
    SPARK.mkdir(exist_ok=True)
    for name, text in texts.items():
        (SPARK / f"{name}.sql").write_text(text)


def derived():
    for file in sorted(LAKE.glob("*.sql")):
        yield file.stem, statement(file.stem, file.read_text())


def statement(name, text):
    if name == "optimize":
        return OPTIMIZE
    if name == "vacuum":
        return VACUUM
    comments, body = split(text)
    return comments + (create(body) if name == "create" else translated(body)) + "\n"


def current(name):
    file = SPARK / f"{name}.sql"
    return file.read_text() if file.exists() else None


def split(text):
    """The comment lines at the top, and the statement."""
    lines = text.splitlines(keepends=True)
    count = next(i for i, line in enumerate(lines) if not line.startswith("--"))
    comments = [line.replace(" Athena's dialect.", "") for line in lines[:count]]
    return "".join(comments), "".join(lines[count:])


def create(body):
    columns = re.search(r"\((.*?)\)\nPARTITIONED", body, re.DOTALL).group(1)
    columns = columns.replace("`timestamp` timestamp", "`timestamp` timestamp_ntz")
    return (
        f"CREATE TABLE IF NOT EXISTS ${{database}}.${{changes}} ({columns})\n"
        "USING iceberg\n"
        "PARTITIONED BY (days(`timestamp`))\n"
        "TBLPROPERTIES ('write.parquet.compression-codec' = 'zstd', 'write.distribution-mode' = 'hash')"
    )


def translated(body):
    """Parameters become names and texts that the parser accepts, and parameters again afterwards."""
    marked = PARAMETER.sub(lambda found: MARK + found.group(1), body)
    tree = sqlglot.parse_one(marked, read="trino").transform(without_zone)
    spark = tree.sql(dialect="spark", pretty=True, identify=True)
    spark = re.sub(rf"`{MARK}(\w+)`", r"${\1}", spark)
    spark = spark.replace(f"'$.{MARK}path'", f"'{MARK}path'")  # sqlglot takes the parameter for a member's name
    return re.sub(rf"{MARK}(\w+)", r"${\1}", spark)


def without_zone(node):
    """Spark's date_trunc also returns a TIMESTAMP in the session's zone."""
    if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.TIMESTAMP:
        return NTZ.copy()
    if isinstance(node, exp.TimestampTrunc) and not isinstance(node.parent, exp.Cast):
        return exp.Cast(this=node.copy(), to=NTZ.copy())
    return node


if __name__ == "__main__":
    main()
