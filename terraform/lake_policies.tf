# What the lake may be used for: by the role that merges, by a person who queries, and by one who merges.

locals {
  lake_catalog = var.lake == null ? [] : [
    "${local.arn}:glue:${local.here}:catalog",
    "${local.arn}:glue:${local.here}:database/${local.lake_database}",
    "${local.arn}:glue:${local.here}:table/${local.lake_database}/*",
  ]
  lake_workgroups = { people = var.name, merges = "${var.name}-merges" }
  lake_bucket_arn = "${local.arn}:s3:::${coalesce(local.lake_bucket, "none")}"
  lake_data_arn   = "${local.arn}:s3:::${coalesce(local.lake_data_bucket, "none")}"

  # What any reader needs for Athena: the objects, the table, and a location for results.
  lake_reader = var.lake == null ? {} : {
    for user, workgroup in local.lake_workgroups : user => concat([
      {
        Sid    = "RunQueries"
        Effect = "Allow"
        Action = ["athena:BatchGetQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup",
        "athena:ListQueryExecutions", "athena:StartQueryExecution", "athena:StopQueryExecution"]
        Resource = ["${local.arn}:athena:${local.here}:workgroup/${workgroup}"]
      },
      {
        Sid      = "ReadCatalog"
        Effect   = "Allow"
        Action   = ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
        Resource = local.lake_catalog
      },
      {
        # Athena needs it, whatever the database of the query.
        Sid      = "FindDefaultDatabase"
        Effect   = "Allow"
        Action   = ["glue:GetDatabase"]
        Resource = [local.lake_catalog[0], "${local.arn}:glue:${local.here}:database/default"]
      },
      {
        Sid      = "ListLake"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = distinct([local.lake_bucket_arn, local.lake_data_arn])
      },
      {
        Sid    = "ReadLake"
        Effect = "Allow"
        Action = ["s3:GetObject"]
        Resource = ["${local.lake_bucket_arn}/${local.s3_prefixes[local.lake_sink]}*", "${local.lake_bucket_arn}/${local.exports_prefix}*",
        "${local.lake_data_arn}/iceberg/*"]
      },
      {
        Sid      = "KeepResults"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = ["${local.lake_data_arn}/results/${user}/*"]
      },
    ], local.lake_key_statements)
  }

  # What a person needs in the console: the saved queries, and the lists to choose from.
  lake_console = var.lake == null ? {} : {
    for user, workgroup in local.lake_workgroups : user => [
      {
        Sid      = "FindSavedQueries"
        Effect   = "Allow"
        Action   = ["athena:BatchGetNamedQuery", "athena:GetNamedQuery", "athena:ListNamedQueries"]
        Resource = ["${local.arn}:athena:${local.here}:workgroup/${workgroup}"]
      },
      {
        # ListWorkGroups knows no resources.
        Sid      = "ListWorkGroups"
        Effect   = "Allow"
        Action   = ["athena:ListWorkGroups"]
        Resource = ["*"]
      },
      {
        Sid      = "ListDatabases"
        Effect   = "Allow"
        Action   = ["glue:GetDatabases"]
        Resource = [local.lake_catalog[0], "${local.arn}:glue:${local.here}:database/default", local.lake_catalog[1]]
      },
    ]
  }

  lake_key_statements = !contains(keys(local.keys), "buckets") ? [] : [{
    Sid      = "UseObjectKey"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = [local.key_arns["buckets"]]
  }]

  lake_writer = [for statement in [
    {
      Sid      = "WriteIcebergTable"
      Effect   = "Allow"
      Action   = ["glue:CreateTable", "glue:UpdateTable"]
      Resource = concat(slice(local.lake_catalog, 0, min(2, length(local.lake_catalog))), ["${local.arn}:glue:${local.here}:table/${coalesce(local.lake_database, "none")}/changes"])
    },
    {
      # VACUUM without s3:DeleteObject succeeds and deletes nothing.
      Sid      = "WriteIcebergFiles"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"]
      Resource = ["${local.lake_data_arn}/iceberg/*"]
    },
    {
      Sid      = "SeeOtherRuns"
      Effect   = "Allow"
      Action   = ["states:ListExecutions"]
      Resource = [local.lake_machine_arn]
    },
    {
      Sid      = "KeepProgress"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:PutParameter"]
      Resource = [local.lake_parameter_arn]
    },
    {
      # PutMetricData knows no resources.
      Sid       = "ReportUnmerged"
      Effect    = "Allow"
      Action    = ["cloudwatch:PutMetricData"]
      Resource  = ["*"]
      Condition = { StringEquals = { "cloudwatch:namespace" = "changefan" } }
    },
    {
      # Log delivery knows no resources.
      Sid    = "DeliverLogs"
      Effect = "Allow"
      Action = ["logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"]
      Resource = ["*"]
    },
    {
      # X-Ray knows no resources.
      Sid      = "Trace"
      Effect   = "Allow"
      Action   = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      Resource = ["*"]
    },
  ] : statement if var.lake != null && (statement.Sid != "Trace" || var.tracing)]

  # For a person who starts the state machine.
  lake_starter = [
    {
      Sid      = "StartMerge"
      Effect   = "Allow"
      Action   = ["states:ListExecutions", "states:StartExecution"]
      Resource = [local.lake_machine_arn]
    },
    {
      Sid      = "FollowMerge"
      Effect   = "Allow"
      Action   = ["states:DescribeExecution"]
      Resource = ["${local.arn}:states:${local.here}:execution:${local.lake_machine}:*"]
    },
  ]

  lake_policies = merge([for lake in values(local.lake) : {
    for holder, statements in {
      merge_role = concat(local.lake_reader["merges"], local.lake_writer)
      reader     = concat(local.lake_reader["people"], local.lake_console["people"])
      merger = concat(
        local.lake_reader["merges"],
        local.lake_console["merges"],
        [for statement in local.lake_writer : statement if contains(["KeepProgress", "WriteIcebergFiles", "WriteIcebergTable"], statement.Sid)],
        local.lake_starter,
      )
      } : holder => jsonencode({
        Version   = "2012-10-17"
        Statement = [for statement in statements : merge(statement, startswith(statement.Action[0], "s3:") ? local.s3_condition : {})]
    })
  }]...)
}
