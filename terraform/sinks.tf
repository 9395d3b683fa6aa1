# What the chosen sinks write to, unless an option names an existing one, and how the function is told of it.

locals {
  # Entry name => type: "s3" is short for "s3:s3".
  sink_types = { for entry in var.sinks : split(":", entry)[0] => reverse(split(":", entry))[0] }

  option_names = {
    stdout          = tolist(["format", "numbers"])
    cloudwatch_logs = tolist(["group", "stream", "format", "numbers"])
    firehose        = tolist(["stream", "format", "numbers", "pack"])
    s3              = tolist(["bucket", "prefix", "compression", "format", "numbers"])
  }

  # Names of the entries whose destination is made here.
  made = {
    for type, option in { cloudwatch_logs = "group", firehose = "stream", s3 = "bucket" } : type => toset([
      for name, of in local.sink_types : name if of == type && !can(var.sink_options[name][option])
    ])
  }

  s3_prefixes = {
    for name, type in local.sink_types : name => try(var.sink_options[name].prefix, "changes/") if type == "s3"
  }

  # Entry name => where in S3 its objects come to lie.
  sink_locations = merge(
    { for name, prefix in local.s3_prefixes : name => "${try(var.sink_options[name].bucket, "the lake")}/${prefix}" },
    { for name in local.made.firehose : name => "the lake/${name}/" },
  )

  made_options = merge(
    { for name in local.made.cloudwatch_logs : name => { group = aws_cloudwatch_log_group.sink[name].name } },
    { for name in local.made.firehose : name => { stream = aws_kinesis_firehose_delivery_stream.this[name].name } },
    { for name in local.made.s3 : name => { bucket = aws_s3_bucket.this["lake"].bucket } },
  )

  # { cold-archive = { prefix = "a/" } } => { COLD_ARCHIVE_PREFIX = "a/" }
  sink_environment = merge([
    for name in keys(local.sink_types) : {
      for option, value in merge(try(local.made_options[name], {}), try(var.sink_options[name], {})) : upper("${replace(name, "-", "_")}_${option}") => value
    }
  ]...)
}

resource "aws_cloudwatch_log_group" "sink" {
  for_each = local.made.cloudwatch_logs

  name              = "/${var.name}/${each.key}"
  retention_in_days = var.log_retention_in_days
  tags              = var.tags
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  for_each = local.made.firehose

  name        = each.key == "firehose" ? var.name : "${var.name}-${each.key}"
  destination = "extended_s3"
  tags        = var.tags

  server_side_encryption {
    enabled  = true
    key_type = "AWS_OWNED_CMK"
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.firehose[0].arn
    bucket_arn          = aws_s3_bucket.this["lake"].arn
    buffering_interval  = var.firehose_buffering_seconds
    buffering_size      = var.firehose_buffering_mib
    compression_format  = var.firehose_compression
    custom_time_zone    = "UTC"
    prefix              = "${each.key}/date=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"
    error_output_prefix = "errors/${each.key}/!{firehose:error-output-type}/date=!{timestamp:yyyy-MM-dd}/"
    # Readers tell the compression by the name.
    file_extension = var.firehose_compression == "GZIP" ? ".jsonl.gz" : ".jsonl"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.firehose[each.key].name
      log_stream_name = aws_cloudwatch_log_stream.firehose[each.key].name
    }
  }

  depends_on = [aws_iam_role_policy.firehose]
}

# Firehose reports what it could not deliver nowhere else.
resource "aws_cloudwatch_log_group" "firehose" {
  for_each = local.made.firehose

  name              = "/aws/kinesisfirehose/${each.key == "firehose" ? var.name : "${var.name}-${each.key}"}"
  retention_in_days = var.log_retention_in_days
  tags              = var.tags
}

resource "aws_cloudwatch_log_stream" "firehose" {
  for_each = local.made.firehose

  name           = "S3Delivery"
  log_group_name = aws_cloudwatch_log_group.firehose[each.key].name
}
