# What is captured: one entry per table or stream, both in the single-table form and in `tables`.

locals {
  reads       = var.stream_source == "pipe" ? var.pipe_source : var.stream_source
  has_mapping = var.stream_source != "pipe"

  # The single-table form is the entry "main". Existing resources are objects, so that their presence is known at plan
  # even where their ARNs are not.
  entries = length(var.tables) > 0 ? var.tables : {
    main = {
      table                              = var.table
      kinesis_stream                     = var.kinesis_stream
      table_name                         = var.table_name == null ? var.name : var.table_name
      hash_key                           = null
      hash_key_type                      = null
      range_key                          = null
      range_key_type                     = null
      ttl_attribute                      = null
      stream_view_type                   = null
      enabled                            = null
      filter_patterns                    = null
      batch_size                         = null
      maximum_batching_window_in_seconds = null
      parallelization_factor             = null
      tumbling_window_in_seconds         = null
      starting_position                  = null
      starting_position_timestamp        = null
      maximum_retry_attempts             = null
      maximum_record_age_in_seconds      = null
    }
  }

  captures = {
    for key, entry in local.entries : key => {
      # Name of the mapping's or pipe's own resources.
      name           = key == "main" ? var.name : "${var.name}-${key}"
      table          = entry.table
      kinesis_stream = entry.kinesis_stream
      creates_table  = entry.table == null && entry.kinesis_stream == null
      creates_stream = local.reads == "kinesis" && entry.kinesis_stream == null
      feeds_stream   = local.reads == "kinesis" && (entry.table != null || entry.kinesis_stream == null)

      table_name       = entry.table_name == null ? key : entry.table_name
      hash_key         = entry.hash_key == null ? var.hash_key : entry.hash_key
      hash_key_type    = entry.hash_key_type == null ? var.hash_key_type : entry.hash_key_type
      range_key        = entry.range_key == null ? var.range_key : entry.range_key
      range_key_type   = entry.range_key_type == null ? var.range_key_type : entry.range_key_type
      ttl_attribute    = entry.ttl_attribute == null ? var.ttl_attribute : entry.ttl_attribute
      stream_view_type = entry.stream_view_type == null ? var.stream_view_type : entry.stream_view_type

      enabled                            = var.enabled && (entry.enabled == null ? true : entry.enabled)
      filter_patterns                    = entry.filter_patterns == null ? var.filter_patterns : entry.filter_patterns
      batch_size                         = entry.batch_size != null ? entry.batch_size : var.batch_size != null ? var.batch_size : local.recommended_batch_size
      maximum_batching_window_in_seconds = entry.maximum_batching_window_in_seconds != null ? entry.maximum_batching_window_in_seconds : var.maximum_batching_window_in_seconds != null ? var.maximum_batching_window_in_seconds : local.recommended_window
      parallelization_factor             = entry.parallelization_factor == null ? var.parallelization_factor : entry.parallelization_factor
      tumbling_window_in_seconds         = entry.tumbling_window_in_seconds == null ? var.tumbling_window_in_seconds : entry.tumbling_window_in_seconds
      starting_position                  = entry.starting_position == null ? var.starting_position : entry.starting_position
      starting_position_timestamp        = entry.starting_position_timestamp == null ? var.starting_position_timestamp : entry.starting_position_timestamp
      maximum_retry_attempts             = entry.maximum_retry_attempts == null ? var.maximum_retry_attempts : entry.maximum_retry_attempts
      maximum_record_age_in_seconds      = entry.maximum_record_age_in_seconds == null ? var.maximum_record_age_in_seconds : entry.maximum_record_age_in_seconds
    }
  }

  created_tables  = { for key, capture in local.captures : key => capture if capture.creates_table }
  created_streams = { for key, capture in local.captures : key => capture if capture.creates_stream }

  # Key => ARN of the stream that is read.
  source_arns = {
    for key, capture in local.captures : key => (
      capture.creates_stream ? aws_kinesis_stream.this[key].arn :
      local.reads == "kinesis" ? capture.kinesis_stream.arn :
      capture.creates_table ? aws_dynamodb_table.this[key].stream_arn :
      capture.table.stream_arn
    )
  }

  # Key => name of the captured table, or null for a Kinesis stream with its own producers.
  table_names = {
    for key, capture in local.captures : key => (
      capture.creates_table ? aws_dynamodb_table.this[key].name :
      capture.table == null ? null :
      capture.table.name != null ? capture.table.name :
      split("/", capture.table.stream_arn)[1]
    )
  }

  # Key => ARN of the captured table.
  table_arns = {
    for key, capture in local.captures : key => (
      capture.creates_table ? aws_dynamodb_table.this[key].arn :
      local.reads == "dynamodb" ? split("/stream/", capture.table.stream_arn)[0] :
      "${local.arn}:dynamodb:${join(":", slice(split(":", local.source_arns[key]), 3, 5))}:table/${capture.table.name}"
    ) if capture.creates_table || capture.table != null
  }

  # What the function sees as table: a Kinesis stream with its own producers counts under its own name.
  captured_names = { for key, name in local.table_names : key => name == null ? split("/", local.source_arns[key])[1] : name }

  # With a lake, the tables that feed an existing Kinesis stream without `table`: allowed_sources names them, and must be
  # known at plan there.
  has_unnamed_tables = anytrue([for capture in values(local.captures) : capture.kinesis_stream != null && capture.table == null])
  feeding_names = var.lake == null || !local.has_unnamed_tables ? {} : {
    for name in distinct([for source in var.allowed_sources : trimprefix(split(":", source)[2], "stream/")]) : "allowed_sources/${name}" => name
  }

  # table=NAME in the keys of objects. The function shortens names whose percent-encoded form exceeds 200 bytes; the
  # characters of a table's name are never encoded.
  partition_names = {
    for key, name in merge(local.captured_names, local.feeding_names) : key => length(name) > 200 ? "${substr(name, 0, 160)}-${substr(sha256(name), 0, 32)}" : name
  }

  # The function compares the table of a change, also of one that came through Kinesis, and the stream of other records.
  table_sources  = [for key, arn in local.table_arns : "${join(":", slice(split(":", arn), 3, 5))}:${local.captured_names[key]}"]
  stream_sources = [for key, capture in local.captures : join(":", slice(split(":", local.source_arns[key]), 3, 6)) if capture.kinesis_stream != null]

  # Which tables feed an existing Kinesis stream is not known unless the configuration names them.
  knows_sources = length(var.allowed_sources) > 0 || alltrue([for capture in values(local.captures) : capture.creates_table || capture.table != null])
  sources       = distinct(concat(local.table_sources, local.stream_sources, var.allowed_sources))
}

resource "aws_dynamodb_table" "this" {
  for_each = local.created_tables

  name                        = each.value.table_name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.hash_key
  range_key                   = each.value.range_key
  stream_enabled              = local.reads == "dynamodb"
  stream_view_type            = local.reads == "dynamodb" ? each.value.stream_view_type : null
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  dynamic "attribute" {
    for_each = merge({ (each.value.hash_key) = each.value.hash_key_type }, each.value.range_key == null ? {} : { (each.value.range_key) = each.value.range_key_type })

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  point_in_time_recovery {
    enabled = var.point_in_time_recovery
  }

  # Without this block, DynamoDB encrypts with an AWS owned key.
  dynamic "server_side_encryption" {
    for_each = contains(keys(local.keys), "table") ? [local.keys["table"].arn] : []

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value
    }
  }

  dynamic "ttl" {
    for_each = each.value.ttl_attribute == null ? [] : [each.value.ttl_attribute]

    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }
}

resource "aws_dynamodb_contributor_insights" "this" {
  for_each = var.contributor_insights ? local.created_tables : {}

  table_name = aws_dynamodb_table.this[each.key].name
}

resource "aws_kinesis_stream" "this" {
  for_each = local.created_streams

  name             = each.value.name
  shard_count      = var.kinesis_shards
  retention_period = var.kinesis_retention_hours
  encryption_type  = "KMS"
  kms_key_id       = coalesce(local.key_arns["stream"], "alias/aws/kinesis")
  tags             = var.tags

  stream_mode_details {
    stream_mode = var.kinesis_shards == null ? "ON_DEMAND" : "PROVISIONED"
  }
}

resource "aws_dynamodb_kinesis_streaming_destination" "this" {
  for_each = { for key, capture in local.captures : key => capture if capture.feeds_stream }

  table_name = local.table_names[each.key]
  stream_arn = local.source_arns[each.key]
  # Records through Kinesis carry no sequence number of the table: their time orders them.
  approximate_creation_date_time_precision = "MICROSECOND"
}

# A full export, for `changefan backfill`. Removing it from the configuration keeps its objects.
resource "aws_dynamodb_table_export" "this" {
  for_each = try(var.table_export.create, false) ? local.table_arns : {}

  table_arn = each.value
  s3_bucket = local.export_bucket
  s3_prefix = trimsuffix(var.table_export.prefix, "/")
}
