# The lake's catalog: a Glue database, a `landing` and an `exports` table per table, and the views over them.

locals {
  lake = var.lake == null ? {} : { this = var.lake }

  lake_sink     = var.lake == null ? null : var.lake.sink == null ? local.row_sinks[0] : var.lake.sink
  lake_database = var.lake == null ? null : var.lake.database == null ? replace(var.name, "-", "_") : var.lake.database
  lake_bucket   = var.lake == null ? null : local.sink_settings[local.lake_sink].bucket
  lake_landing  = var.lake == null ? null : "s3://${local.lake_bucket}/${local.s3_prefixes[local.lake_sink]}"
  lake_exports  = var.lake == null ? null : "s3://${local.lake_bucket}/${local.exports_prefix}"

  # Keys of the Glue tables, and the captured name of each. Captures come first, so that a new entry of allowed_sources
  # renames none of their tables.
  lake_keys  = var.lake == null ? [] : concat(keys(local.captures), keys(local.feeding_names))
  lake_names = [for key in local.lake_keys : merge(local.captured_names, local.feeding_names)[key]]

  # Objects of tables of one name, in two accounts or Regions, lie in one partition, which the first key reads for all.
  # for_each keeps every key, because names can be unknown at plan.
  lake_is_first = { for position, key in local.lake_keys : key => index(local.lake_names, local.lake_names[position]) == position }

  # Glue has no uppercase letters, dots or hyphens in names that need no quotes, so a name that has some gets a part of
  # its hash as suffix, which keeps names distinct. A repeated name gets a part of its key's hash.
  lake_suffixes = {
    for position, key in local.lake_keys : key => join("_", compact([
      can(regex("^[a-z0-9_]+$", local.lake_names[position])) ? local.lake_names[position] :
      "${replace(lower(local.lake_names[position]), "/[^a-z0-9]/", "_")}_${substr(sha256(local.lake_names[position]), 0, 8)}",
      local.lake_is_first[key] ? "" : substr(sha256(key), 0, 8),
    ]))
  }

  # The state needs every change with its new image. What an existing table's stream carries is not known here.
  lake_has_state = var.lake == null ? false : var.lake.state != null ? var.lake.state : alltrue([
    for capture in values(local.captures) : length(capture.filter_patterns) == 0
    && (capture.creates_table || capture.table != null)
    && (!capture.creates_table || local.reads == "kinesis" || contains(["NEW_AND_OLD_IMAGES", "NEW_IMAGE"], capture.stream_view_type))
  ])

  # The members of the format rows. A test compares them with what the function writes.
  lake_columns = [
    "change_id", "event_id", "operation", "account", "region", "table", "source", "sequence_number", "version",
    "timestamp", "actor", "keys", "old", "new", "types", "changed",
  ]

  lake_text_types = { for column in local.lake_columns : column => column == "changed" ? "array<string>" : "string" }
  lake_view_types = { changed = "array(varchar)", timestamp = "timestamp(6)" }

  lake_views = { for name, view in {
    # Text as it lies in the objects, with the date of the partition.
    landing = {
      sql = join(" UNION ALL ", [for key, suffix in local.lake_suffixes :
      "SELECT ${join(", ", [for column in local.lake_columns : "\"${column}\""])}, \"date\" FROM landing_${suffix}" if local.lake_is_first[key]])
      columns = concat([for column in local.lake_columns : {
        name = column, hive = local.lake_text_types[column], presto = column == "changed" ? "array(varchar)" : "varchar"
      }], [{ name = "date", hive = "string", presto = "varchar" }])
    }
    recent = {
      sql = local.lake_statements["recent"]
      columns = [for column in local.lake_columns : {
        name   = column
        hive   = column == "timestamp" ? "timestamp" : local.lake_text_types[column]
        presto = lookup(local.lake_view_types, column, "varchar")
      }]
    }
  } : name => view if var.lake != null }
}

resource "aws_glue_catalog_database" "lake" {
  for_each = local.lake

  name        = local.lake_database
  description = "Changes that ${var.name} captures"
  tags        = var.tags
}

resource "aws_glue_catalog_table" "landing" {
  for_each = local.lake_suffixes

  database_name = aws_glue_catalog_database.lake["this"].name
  name          = "landing_${each.value}"
  description   = "Objects of the sink ${local.lake_sink}: text, may repeat a change. Query recent or changes instead."
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL             = "TRUE"
    classification       = "json"
    "projection.enabled" = "true"
    # Dates only: an hour level would list 8,760 partitions per year. Objects of all hours lie below their date.
    "projection.date.type"          = "date"
    "projection.date.format"        = "yyyy-MM-dd"
    "projection.date.range"         = "${var.lake.since},NOW+1DAYS"
    "projection.date.interval"      = "1"
    "projection.date.interval.unit" = "DAYS"
    "storage.location.template"     = "${local.lake_landing}table=${local.partition_names[each.key]}/date=$${date}/"
  }

  partition_keys {
    name = "date"
    type = "string"
  }

  storage_descriptor {
    location      = "${local.lake_landing}table=${local.partition_names[each.key]}/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hive.hcatalog.data.JsonSerDe"
    }

    dynamic "columns" {
      for_each = local.lake_columns

      content {
        name = columns.value
        type = local.lake_text_types[columns.value]
      }
    }
  }
}

# A separate root, so that the MERGE never scans an export. A query names the export it reads.
resource "aws_glue_catalog_table" "exports" {
  for_each = local.lake_suffixes

  database_name = aws_glue_catalog_database.lake["this"].name
  name          = "exports_${each.value}"
  description   = "Items that `changefan backfill` read from exports of the table, and one SNAPSHOT per export"
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                    = "TRUE"
    classification              = "json"
    "projection.enabled"        = "true"
    "projection.export.type"    = "injected"
    "storage.location.template" = "${local.lake_exports}table=${local.partition_names[each.key]}/export=$${export}/"
  }

  partition_keys {
    name = "export"
    type = "string"
  }

  storage_descriptor {
    location      = "${local.lake_exports}table=${local.partition_names[each.key]}/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hive.hcatalog.data.JsonSerDe"
    }

    dynamic "columns" {
      for_each = local.lake_columns

      content {
        name = columns.value
        type = local.lake_text_types[columns.value]
      }
    }
  }
}

# Athena reads a view's statement and types from this comment, as it writes them itself for CREATE VIEW.
resource "aws_glue_catalog_table" "view" {
  for_each = local.lake_views

  database_name = aws_glue_catalog_database.lake["this"].name
  name          = each.key
  table_type    = "VIRTUAL_VIEW"
  parameters    = { presto_view = "true", comment = "Presto View" }

  view_expanded_text = "/* Presto View */"
  view_original_text = "/* Presto View: ${base64encode(jsonencode({
    originalSql = each.value.sql
    catalog     = "awsdatacatalog"
    schema      = local.lake_database
    columns     = [for column in each.value.columns : { name = column.name, type = column.presto }]
  }))} */"

  storage_descriptor {
    dynamic "columns" {
      for_each = each.value.columns

      content {
        name = columns.value.name
        type = columns.value.hive
      }
    }

    ser_de_info {
      name = "-"
    }
  }
}
