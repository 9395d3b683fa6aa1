# Three roles at most, each with what its user needs on the resources it uses.

locals {
  # What reading the source takes, for the mapping (through the function's role) or for the pipe.
  reader_statements = concat(
    [for arn in local.reads == "dynamodb" ? [local.source_arn] : [] : {
      Sid      = "ReadTableStream"
      Effect   = "Allow"
      Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
      Resource = [arn]
    }],
    # Asks for a table's streams, not for one of them.
    [for arn in local.reads == "dynamodb" ? [local.source_arn] : [] : {
      Sid      = "ListTableStreams"
      Effect   = "Allow"
      Action   = ["dynamodb:ListStreams"]
      Resource = ["${split("/stream/", arn)[0]}/stream/*"]
    }],
    [for arn in local.reads == "kinesis" ? [local.source_arn] : [] : {
      Sid    = "ReadKinesisStream"
      Effect = "Allow"
      Action = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator",
      "kinesis:ListShards", "kinesis:SubscribeToShard"]
      Resource = [arn]
    }],
  )

  kms_statements = [for arn in var.kms_key_arn == null ? [] : [var.kms_key_arn] : {
    Sid      = "UseKey"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = [arn]
  }]

  log_statements = [{
    Sid      = "WriteOwnLogs"
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = ["${aws_cloudwatch_log_group.function.arn}:*"]
  }]

  # One statement a sink; stdout needs none of its own.
  sink_statements = concat(
    [for name, type in local.sink_types : {
      Sid      = local.sids[name]
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [local.destination_arns[name], "${local.destination_arns[name]}:*"]
    } if type == "cloudwatch_logs"],
    [for name, type in local.sink_types : {
      Sid      = local.sids[name]
      Effect   = "Allow"
      Action   = ["firehose:DescribeDeliveryStream", "firehose:PutRecordBatch"]
      Resource = [local.destination_arns[name]]
    } if type == "firehose"],
    [for name, type in local.sink_types : {
      Sid      = local.sids[name]
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["${local.destination_arns[name]}/${local.s3_prefixes[name]}*"]
    } if type == "s3"],
    # So that a missing bucket is told from a forbidden one.
    [for names in length(local.s3_prefixes) == 0 ? [] : [keys(local.s3_prefixes)] : {
      Sid      = "FindSinkBuckets"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = distinct([for name in names : local.destination_arns[name]])
    }],
  )

  # cold_archive => SinkColdArchive
  sids = { for name in keys(local.sink_types) : name => "Sink${replace(title(replace(name, "/[_-]/", " ")), " ", "")}" }

  # Of what is made here, or of the existing one that an option names.
  destination_arns = merge(
    { for name, type in local.sink_types : name => (contains(local.made.cloudwatch_logs, name)
      ? aws_cloudwatch_log_group.sink[name].arn
      : "${local.arn}:logs:${local.here}:log-group:${var.sink_options[name].group}"
    ) if type == "cloudwatch_logs" },
    { for name, type in local.sink_types : name => (contains(local.made.firehose, name)
      ? aws_kinesis_firehose_delivery_stream.this[name].arn
      : "${local.arn}:firehose:${local.here}:deliverystream/${var.sink_options[name].stream}"
    ) if type == "firehose" },
    { for name, type in local.sink_types : name => (contains(local.made.s3, name)
      ? aws_s3_bucket.this["lake"].arn
      : "${local.arn}:s3:::${var.sink_options[name].bucket}"
    ) if type == "s3" },
  )

  failures_statements = concat(
    [for bucket in local.has_mapping ? [aws_s3_bucket.this["failures"].arn] : [] : {
      Sid      = "KeepFailedBatches"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["${bucket}/aws/lambda/*"] # where a mapping's destination writes
    }],
    [for bucket in var.quarantine ? [aws_s3_bucket.this["failures"].arn] : [] : {
      Sid      = "QuarantineRecords"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["${bucket}/${local.quarantine_prefix}*"]
    }],
    [for bucket in local.has_mapping || var.quarantine ? [aws_s3_bucket.this["failures"].arn] : [] : {
      Sid      = "FindFailuresBucket"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [bucket]
    }],
  )

  extra_statements = [for statement in var.extra_policy_statements : {
    Effect   = "Allow"
    Action   = statement.actions
    Resource = statement.resources
  }]
}

resource "aws_iam_role" "function" {
  name_prefix        = "${var.name}-function-"
  assume_role_policy = local.trust["lambda"]
  tags               = var.tags
}

resource "aws_iam_role_policy" "function" {
  name = "changefan"
  role = aws_iam_role.function.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.log_statements,
      local.has_mapping ? local.reader_statements : [],
      local.sink_statements,
      local.failures_statements,
      local.kms_statements,
      local.extra_statements,
    )
  })
}

locals {
  # Firehose and Pipes take the role only on this account's behalf, told by the condition key that each of them sends.
  # Lambda sends none when it starts a function.
  trust = {
    for service, condition in { lambda = null, firehose = "sts:ExternalId", pipes = "aws:SourceAccount" } : service => jsonencode({
      Version = "2012-10-17"
      Statement = [merge(
        { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "${service}.amazonaws.com" } },
        condition == null ? {} : { Condition = { StringEquals = { (condition) = data.aws_caller_identity.current.account_id } } },
      )]
    })
  }
}

resource "aws_iam_role" "firehose" {
  count = length(local.made.firehose) > 0 ? 1 : 0

  name_prefix        = "${var.name}-firehose-"
  assume_role_policy = local.trust["firehose"]
  tags               = var.tags
}

resource "aws_iam_role_policy" "firehose" {
  count = length(local.made.firehose) > 0 ? 1 : 0

  name = "lake"
  role = aws_iam_role.firehose[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "FindLake"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource = [aws_s3_bucket.this["lake"].arn]
      },
      {
        Sid    = "WriteLake"
        Effect = "Allow"
        Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
        Resource = flatten([for name in local.made.firehose : [
          "${aws_s3_bucket.this["lake"].arn}/${name}/*", "${aws_s3_bucket.this["lake"].arn}/errors/${name}/*"
        ]])
      },
      {
        Sid      = "WriteDeliveryErrors"
        Effect   = "Allow"
        Action   = ["logs:PutLogEvents"]
        Resource = [for name in local.made.firehose : "${aws_cloudwatch_log_group.firehose[name].arn}:log-stream:*"]
      },
    ], local.kms_statements)
  })
}

resource "aws_iam_role" "pipe" {
  count = local.has_mapping ? 0 : 1

  name_prefix        = "${var.name}-pipe-"
  assume_role_policy = local.trust["pipes"]
  tags               = var.tags
}

resource "aws_iam_role_policy" "pipe" {
  count = local.has_mapping ? 0 : 1

  name = "pipe"
  role = aws_iam_role.pipe[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.reader_statements, [
      {
        Sid      = "InvokeFunction"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [aws_lambda_function.this.arn]
      },
      {
        Sid      = "KeepDeadLetters"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [aws_sqs_queue.dead_letter[0].arn]
      },
    ], local.kms_statements)
  })
}
