# The permissions of each role, as statements. No action and no resource is broader than its use.

locals {
  # For the mapping, through the function's role, or for the pipe.
  reader_statements = concat(
    local.reads != "dynamodb" ? [] : [
      {
        Sid      = "ReadTableStream"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
        Resource = values(local.source_arns)
      },
      # Applies to the streams of a table, not to one of them.
      {
        Sid      = "ListTableStreams"
        Effect   = "Allow"
        Action   = ["dynamodb:ListStreams"]
        Resource = [for arn in values(local.source_arns) : "${split("/stream/", arn)[0]}/stream/*"]
      },
    ],
    local.reads != "kinesis" ? [] : [{
      Sid      = "ReadKinesisStream"
      Effect   = "Allow"
      Action   = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
      Resource = values(local.source_arns)
    }],
    !var.enhanced_fan_out ? [] : [{
      Sid      = "SubscribeToKinesisStream"
      Effect   = "Allow"
      Action   = ["kinesis:SubscribeToShard"]
      Resource = [for consumer in values(aws_kinesis_stream_consumer.this) : consumer.arn]
    }],
    local.source_key_statements,
  )

  log_statements = [{
    Sid      = "WriteOwnLogs"
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = ["${aws_cloudwatch_log_group.function.arn}:*"]
  }]

  # Sink name => what {placeholders} in the permissions of sinks.json are replaced by.
  placeholders = {
    for name, settings in local.sink_settings : name => merge(
      local.sink_defaults[name],
      settings,
      { partition = data.aws_partition.current.partition, region = local.region, account = local.account },
    )
  }

  sink_statements = flatten([
    for name, type in local.sink_types : [
      for index, permission in try(local.sink_schema[type].permissions, []) : {
        Sid    = "Sink${replace(title(replace(name, "/[_-]/", " ")), " ", "")}Permission${index + 1}"
        Effect = "Allow"
        Action = permission.actions
        Resource = [join("", [
          for part in regexall("[{][a-z_]+[}]|[^{]+", permission.resource) :
          startswith(part, "{") ? local.placeholders[name][trim(part, "{}")] : part
        ])]
      }
    ]
  ])

  failures_statements = concat(
    !local.has_mapping ? [] : [{
      Sid      = "KeepFailedBatches"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["${local.failures_bucket_arn}/aws/lambda/*"] # where an on-failure destination writes
    }],
    !var.quarantine ? [] : [{
      Sid      = "QuarantineRecords"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["${local.failures_bucket_arn}/${var.quarantine_prefix}*"]
    }],
    !local.needs_failures ? [] : [{
      Sid      = "FindFailuresBucket"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [local.failures_bucket_arn]
    }],
  )

  # Lambda attaches the function to the VPC with the function's role. The function's own code has no use for it.
  vpc_statements = [for statement in [
    {
      Sid    = "ManageNetworkInterfaces"
      Effect = "Allow"
      Action = ["ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
      "ec2:UnassignPrivateIpAddresses"]
      Resource = ["${local.arn}:ec2:${local.region}:*:*/*"] # another account may own the subnets, and share them
    },
    {
      Sid      = "FindNetworkInterfaces"
      Effect   = "Allow"
      Action   = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
      Resource = ["*"] # these actions support no resource
    },
    {
      Sid    = "NotByTheFunctionItself"
      Effect = "Deny"
      Action = ["ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"]
      Resource  = ["*"]
      Condition = { ArnEquals = { "lambda:SourceFunctionArn" = [local.function_arn] } }
    },
  ] : statement if var.vpc_config != null]

  file_system_statements = var.file_system == null ? [] : [{
    Sid       = "UseFileSystem"
    Effect    = "Allow"
    Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    Resource  = [var.file_system.file_system_arn]
    Condition = { StringEquals = { "elasticfilesystem:AccessPointArn" = var.file_system.access_point_arn } }
  }]

  tracing_statements = !var.tracing ? [] : [{
    Sid      = "SendTraces"
    Effect   = "Allow"
    Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    Resource = ["*"] # these actions support no resource
  }]

  extra_statements = [for statement in var.extra_policy_statements : {
    Effect   = "Allow"
    Action   = statement.actions
    Resource = statement.resources
  }]

  function_statements = concat(
    local.log_statements,
    local.has_mapping ? local.reader_statements : [],
    local.sink_statements,
    local.failures_statements,
    local.bucket_key_statements,
    local.environment_key_statements,
    local.vpc_statements,
    local.file_system_statements,
    local.tracing_statements,
    local.extra_statements,
  )

  firehose_statements = length(local.created.firehose) == 0 ? [] : concat([
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
      Resource = flatten([for name in local.created.firehose : [
        "${aws_s3_bucket.this["lake"].arn}/${name}/*", "${aws_s3_bucket.this["lake"].arn}/errors/${name}/*"
      ]])
    },
    {
      Sid      = "WriteDeliveryErrors"
      Effect   = "Allow"
      Action   = ["logs:PutLogEvents"]
      Resource = [for name in local.created.firehose : "${aws_cloudwatch_log_group.firehose[name].arn}:log-stream:*"]
    },
  ], local.bucket_key_statements)

  pipe_statements = [for statement in concat(
    local.reader_statements,
    [
      {
        Sid      = "InvokeFunction"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [local.invoked_arn]
      },
      {
        Sid      = "KeepDeadLetters"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = aws_sqs_queue.dead_letter[*].arn
      },
    ],
    local.queue_key_statements,
    local.pipe_key_statements,
    [for statement in var.pipe_policy_statements : {
      Effect   = "Allow"
      Action   = statement.actions
      Resource = statement.resources
    }],
  ) : statement if !local.has_mapping]

  # Names of buckets are global, so an ARN does not identify the account of a bucket.
  s3_condition = length(var.resource_accounts) == 0 ? {} : { Condition = { StringEquals = { "aws:ResourceAccount" = var.resource_accounts } } }

  function_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in local.function_statements : merge(statement, startswith(statement.Action[0], "s3:") ? local.s3_condition : {})]
  })

  firehose_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in local.firehose_statements : merge(statement, startswith(statement.Action[0], "s3:") ? local.s3_condition : {})]
  })

  pipe_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.pipe_statements
  })
}
