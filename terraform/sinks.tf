# The destinations of the chosen sinks, unless an option names an existing one, and the sinks' environment variables.

locals {
  sink_schema = jsondecode(file("${path.module}/sinks.json")).sinks

  # Sink name => type: "s3" is short for "s3:s3".
  sink_types = { for entry in var.sinks : split(":", entry)[0] => reverse(split(":", entry))[0] }

  # Names of options are known at plan, their values may not be.
  option_names = { for name in keys(local.sink_types) : name => contains(keys(var.sink_options), name) ? keys(var.sink_options[name]) : [] }

  # Type => the option that names its destination, where the module can create one.
  destination_options = { cloudwatch_logs = "group", firehose = "stream", s3 = "bucket" }

  # Type => names of the sinks whose destination the module creates.
  created = {
    for type, option in local.destination_options : type => toset([
      for name, of in local.sink_types : name if of == type && !contains(local.option_names[name], option)
    ])
  }

  created_options = merge(
    { for name in local.created.cloudwatch_logs : name => { group = aws_cloudwatch_log_group.sink[name].name } },
    # Firehose bills records in steps of 5 KB.
    { for name in local.created.firehose : name => { stream = aws_kinesis_firehose_delivery_stream.this[name].name, pack = "102400" } },
    { for name in local.created.s3 : name => { bucket = aws_s3_bucket.this["lake"].bucket } },
  )

  # What differs from the function's own defaults.
  sink_settings = {
    for name in keys(local.sink_types) : name => merge(
      contains(keys(local.created_options), name) ? local.created_options[name] : {},
      { for option in local.option_names[name] : option => var.sink_options[name][option] },
    )
  }

  sink_defaults = {
    for name, type in local.sink_types : name => contains(keys(local.sink_schema), type) ? {
      for option, schema in local.sink_schema[type].options : option => schema.default == null ? "" : schema.default
    } : {}
  }

  # { cold-archive = { prefix = "a/" } } => { COLD_ARCHIVE_PREFIX = "a/" }
  sink_environment = merge([
    for name, settings in local.sink_settings : {
      for option, value in settings : upper("${replace(name, "-", "_")}_${option}") => value
    }
  ]...)

  # Sink name => the options of its type, for built-in types.
  option_schemas = { for name, type in local.sink_types : name => local.sink_schema[type].options if contains(keys(local.sink_schema), type) }

  # Sink name => required options that are absent, where the module does not create the destination.
  missing_options = {
    for name, type in local.sink_types : name => local.absent_options[name] if length(local.absent_options[name]) > 0
  }

  absent_options = {
    for name, type in local.sink_types : name => contains(keys(local.sink_schema), type) ? [
      for option, schema in local.sink_schema[type].options : option
      if schema.required && !contains(local.option_names[name], option) && lookup(local.destination_options, type, "") != option
    ] : []
  }

  s3_prefixes = {
    for name, type in local.sink_types : name => contains(local.option_names[name], "prefix") ? var.sink_options[name].prefix : "changes/"
    if type == "s3"
  }

  # Sink name => where in S3 its objects are.
  sink_locations = merge(
    { for name, prefix in local.s3_prefixes : name => "${contains(local.created.s3, name) ? "the lake" : var.sink_options[name].bucket}/${prefix}" },
    { for name in local.created.firehose : name => "the lake/${name}/" },
  )

  # Prefixes of the lake bucket that sinks write to.
  lake_prefixes = concat(
    [for name in local.created.s3 : local.s3_prefixes[name]],
    [for name in local.created.firehose : "${name}/"],
  )

  # The sink that prefers the smallest batches decides; custom sinks count as 500.
  recommended_batch_size = min([for type in values(local.sink_types) : try(local.sink_schema[type].recommended_batch_size, 500)]...)
  recommended_window     = length(setsubtract(values(local.sink_types), ["s3"])) == 0 ? 60 : 5
}

resource "aws_cloudwatch_log_group" "sink" {
  for_each = local.created.cloudwatch_logs

  name              = "/${var.name}/${each.key}"
  retention_in_days = coalesce(var.sink_log_retention_in_days, var.log_retention_in_days)
  kms_key_id        = local.key_arns["logs"]
  skip_destroy      = var.keep_log_groups
  tags              = var.tags
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  for_each = local.created.firehose

  name        = each.key == "firehose" ? var.name : "${var.name}-${each.key}"
  destination = "extended_s3"
  tags        = var.tags

  server_side_encryption {
    enabled  = true
    key_type = local.key_arns["firehose"] == null ? "AWS_OWNED_CMK" : "CUSTOMER_MANAGED_CMK"
    key_arn  = local.key_arns["firehose"]
  }

  extended_s3_configuration {
    role_arn            = local.firehose_role_arn
    bucket_arn          = aws_s3_bucket.this["lake"].arn
    buffering_interval  = var.firehose_buffering_seconds
    buffering_size      = var.firehose_buffering_mib
    compression_format  = var.firehose_compression
    custom_time_zone    = "UTC"
    prefix              = "${each.key}/date=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"
    error_output_prefix = "errors/${each.key}/!{firehose:error-output-type}/date=!{timestamp:yyyy-MM-dd}/"
    # Readers derive the compression from the suffix.
    file_extension = var.firehose_compression == "GZIP" ? ".jsonl.gz" : ".jsonl"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.firehose[each.key].name
      log_stream_name = aws_cloudwatch_log_stream.firehose[each.key].name
    }
  }

  depends_on = [aws_iam_role_policy.firehose]
}

# Firehose reports delivery errors here only.
resource "aws_cloudwatch_log_group" "firehose" {
  # checkov:skip=CKV_AWS_338:delivery errors are of use for days; variable log_retention_in_days
  for_each = local.created.firehose

  name              = "/aws/kinesisfirehose/${each.key == "firehose" ? var.name : "${var.name}-${each.key}"}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = local.key_arns["logs"]
  tags              = var.tags
}

resource "aws_cloudwatch_log_stream" "firehose" {
  for_each = local.created.firehose

  name           = "S3Delivery"
  log_group_name = aws_cloudwatch_log_group.firehose[each.key].name
}
