"""The lake in Spark and Iceberg, with Spark's text of the statements. Needs Java 17."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import duck
import statements

CATALOG, DATABASE = "lake", "db"
CHANGES = f"{CATALOG}.{DATABASE}.changes"


def java_home():
    """The folder of a Java 17, or None."""
    candidates = [os.environ.get("JAVA_HOME"), *map(str, Path("/usr/lib/jvm").glob("*17*")), from_path()]
    return next((home for home in candidates if home and is_17(Path(home) / "bin" / "java")), None)


def from_path():
    java = shutil.which("java")
    return str(Path(java).resolve().parents[1]) if java else None


def is_17(java):
    if not java.exists():
        return False
    said = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    return re.search(r'version "17\b', said) is not None


def session(warehouse):
    import snowpark_connect_deps_iceberg
    from pyspark.sql import SparkSession

    os.environ["JAVA_HOME"] = java_home()
    jars = Path(snowpark_connect_deps_iceberg.__file__).parent.glob("jars/*2.12*.jar")
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings(warehouse, jars).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def settings(warehouse, jars):
    return {
        "spark.jars": ",".join(map(str, jars)),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        f"spark.sql.catalog.{CATALOG}": "org.apache.iceberg.spark.SparkCatalog",
        f"spark.sql.catalog.{CATALOG}.type": "hadoop",
        f"spark.sql.catalog.{CATALOG}.warehouse": str(warehouse),
        # Not UTC: the statements must not depend on the session's zone.
        "spark.sql.session.timeZone": "Asia/Kolkata",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.memory": "1g",
        "spark.ui.enabled": "false",
    }


class Lake:
    """`landing` and `exports` over the objects in a folder, the view `recent`, and Iceberg's table `changes`."""

    def __init__(self, spark, folder):
        self.spark = spark
        self.view("landing", folder / "changes", "substr(timestamp, 1, 10) AS `date`")
        self.view("exports", folder / "exports", "regexp_extract(input_file_name(), 'export=([^/]*)', 1) AS `export`")
        self.run("CREATE OR REPLACE TEMPORARY VIEW recent AS " + self.text("recent", landing="landing"))
        self.run(f"DROP TABLE IF EXISTS {CHANGES} PURGE")
        self.run(self.text("create", database=f"{CATALOG}.{DATABASE}", changes="changes"))

    def view(self, name, folder, extra):
        schema = ", ".join(f"`{column}` {'array<string>' if 'changed' == column else 'string'}" for column in duck.SCHEMA)
        reader = self.spark.read.schema(schema).option("recursiveFileLookup", "true")
        reader.json(str(folder)).selectExpr("*", extra).coalesce(1).cache().createOrReplaceTempView(name)

    def text(self, name, **given):
        return statements.bare(statements.text(name, statements.SPARK, **given))

    def run(self, sql):
        return [tuple(row) for row in self.spark.sql(sql).collect()]

    def rows(self, name, **given):
        return self.run(self.text(name, **given))

    def state(self, moment, source=CHANGES):
        return duck.state(self.rows("state_at", source=source, moment=moment))

    def count(self, relation=CHANGES):
        return self.run(f"SELECT count(*), count(DISTINCT change_id) FROM {relation}")[0]

    def merge(self, first, last):
        before = self.count()[0]
        self.rows("merge", changes=CHANGES, landing="landing", **{"from": first, "to": last})
        return self.count()[0] - before

    def merge_export(self, export):
        before = self.count()[0]
        self.rows("merge_export", changes=CHANGES, exports="exports", export=export.id)
        return self.count()[0] - before

    def metadata(self, warehouse):
        """The newest metadata file of `changes`."""
        folder = warehouse / DATABASE / "changes" / "metadata"
        return folder / f"v{(folder / 'version-hint.text').read_text().strip()}.metadata.json"
