# What a person or a job needs for `changefan backfill` and `changefan redrive`.

locals {
  export_bucket = try(var.table_export.bucket, null) != null ? var.table_export.bucket : local.creates_lake ? aws_s3_bucket.this["lake"].bucket : null
  exports       = var.table_export == null ? [] : [{ bucket_arn = "${local.arn}:s3:::${local.export_bucket}", prefix = var.table_export.prefix }]

  failure_prefixes = concat(local.has_mapping ? ["aws/lambda/"] : [], var.quarantine ? [var.quarantine_prefix] : [])

  # Buckets of s3 sinks, created or existing.
  sink_buckets = { for name in keys(local.s3_prefixes) : name => local.sink_settings[name].bucket }

  # The function probes its destinations during init. Neither backfill nor redrive does, but an eventbridge sink describes its bus
  # before the first write, too.
  probe_actions = ["firehose:DescribeDeliveryStream", "logs:DescribeLogStreams", "s3:ListBucket"]

  delivery_statements = concat(
    [for statement in local.sink_statements : merge(statement, { Action = [for action in statement.Action : action if !contains(local.probe_actions, action)] })
    if length(setsubtract(statement.Action, local.probe_actions)) > 0],
    length(setsubtract(values(local.sink_types), keys(local.sink_schema))) == 0 ? [] : local.extra_statements, # of custom sinks
  )

  # Objects of the buckets that the module creates, or whose key kms_keys names: those set aside and exports are read, lines that
  # remain and rows are written.
  operator_key_actions = concat(
    local.names_bucket_key || contains(local.buckets, "failures") || (length(local.exports) > 0 && try(var.table_export.bucket, null) == null) ? ["kms:Decrypt"] : [],
    local.names_bucket_key || (var.quarantine && contains(local.buckets, "failures")) || length(local.created.s3) > 0 ? ["kms:GenerateDataKey"] : [],
  )

  # A dead letter states positions in a stream, from which a redrive reads the records. An on-failure object contains them.
  dead_letter_statements = local.has_mapping ? [] : concat(
    [
      {
        Sid      = "ReadDeadLetterRecords"
        Effect   = "Allow"
        Action   = ["${local.reads}:GetRecords", "${local.reads}:GetShardIterator"]
        Resource = values(local.source_arns)
      },
    ],
    local.source_key_statements,
    [
      {
        Sid      = "ReceiveDeadLetters"
        Effect   = "Allow"
        Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"]
        Resource = [aws_sqs_queue.dead_letter[0].arn]
      },
    ],
    !contains(keys(local.keys), "queue") ? [] : [{
      Sid      = "DecryptDeadLetters"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [local.key_arns["queue"]]
    }],
  )

  operator_statements = concat(
    [for statement in [
      {
        Sid       = "ListFailures"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local.failures_bucket_arn]
        Condition = { StringLike = { "s3:prefix" = [for prefix in local.failure_prefixes : "${prefix}*"] } }
      },
      {
        Sid      = "RedriveFailures"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging"]
        Resource = [for prefix in local.failure_prefixes : "${local.failures_bucket_arn}/${prefix}*"]
      },
    ] : statement if local.needs_failures],
    # What a redrive cannot deliver stays in the quarantine with its new reason.
    !var.quarantine ? [] : [{
      Sid      = "KeepFailures"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["${local.failures_bucket_arn}/${var.quarantine_prefix}*"]
    }],
    [for export in local.exports : {
      Sid       = "ListExports"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [export.bucket_arn]
      Condition = { StringLike = { "s3:prefix" = ["${export.prefix}*"] } }
    }],
    [for export in local.exports : {
      Sid      = "ReadExports"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${export.bucket_arn}/${export.prefix}*"]
    }],
    # A backfill continues after the rows that are there.
    length(local.sink_buckets) == 0 ? [] : [{
      Sid       = "ListExportRows"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = distinct([for bucket in values(local.sink_buckets) : "${local.arn}:s3:::${bucket}"])
      Condition = { StringLike = { "s3:prefix" = ["${local.exports_prefix}*"] } }
    }],
    length(local.sink_buckets) == 0 ? [] : [{
      Sid      = "WriteExportRows"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = distinct([for bucket in values(local.sink_buckets) : "${local.arn}:s3:::${bucket}/${local.exports_prefix}*"])
    }],
    local.delivery_statements,
    length(local.table_arns) == 0 ? [] : [{
      Sid      = "DescribeTables"
      Effect   = "Allow"
      Action   = ["dynamodb:DescribeTable"]
      Resource = values(local.table_arns)
    }],
    local.dead_letter_statements,
    length(local.operator_key_actions) == 0 || !contains(keys(local.keys), "buckets") ? [] : [{
      Sid      = "EncryptObjects"
      Effect   = "Allow"
      Action   = local.operator_key_actions
      Resource = [local.key_arns["buckets"]]
    }],
  )

  operator_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in local.operator_statements : merge(statement, startswith(statement.Action[0], "s3:") && length(var.resource_accounts) > 0 ? {
      Condition = merge(try(statement.Condition, {}), local.s3_condition.Condition)
    } : {})]
  })

  # For a stream in another account: its owner attaches this to the stream.
  stream_actions = {
    dynamodb = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
    kinesis  = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
  }
}
