# The permissions of the lake's roles and of its readers, action by action.

mock_provider "aws" {
  source = "./tests/mocks"

  override_resource {
    target = aws_s3_bucket.lake_data["this"]
    values = { id = "the-tables", bucket = "the-tables", arn = "arn:aws:s3:::the-tables" }
  }
}

variables {
  function_zip = "tests/bootstrap.zip"
  sinks        = ["s3"]
  table_name   = "orders"
  lake         = {}
}

run "merge_role_reads_landing_and_writes_iceberg" {
  command = apply

  assert {
    condition = jsondecode(aws_iam_role_policy.lake_merge["this"].policy).Statement == [
      { Sid = "RunQueries", Effect = "Allow", Action = ["athena:BatchGetQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup", "athena:ListQueryExecutions", "athena:StartQueryExecution", "athena:StopQueryExecution"], Resource = ["arn:aws:athena:eu-west-1:123456789012:workgroup/changefan-merges"] },
      { Sid = "ReadCatalog", Effect = "Allow", Action = ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"], Resource = ["arn:aws:glue:eu-west-1:123456789012:catalog", "arn:aws:glue:eu-west-1:123456789012:database/changefan", "arn:aws:glue:eu-west-1:123456789012:table/changefan/*"] },
      { Sid = "FindDefaultDatabase", Effect = "Allow", Action = ["glue:GetDatabase"], Resource = ["arn:aws:glue:eu-west-1:123456789012:catalog", "arn:aws:glue:eu-west-1:123456789012:database/default"] },
      { Sid = "ListLake", Effect = "Allow", Action = ["s3:GetBucketLocation", "s3:ListBucket"], Resource = ["arn:aws:s3:::the-lake", "arn:aws:s3:::the-tables"] },
      { Sid = "ReadLake", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::the-lake/changes/*", "arn:aws:s3:::the-lake/exports/*", "arn:aws:s3:::the-tables/iceberg/*"] },
      { Sid = "KeepResults", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"], Resource = ["arn:aws:s3:::the-tables/results/merges/*"] },
      { Sid = "WriteIcebergTable", Effect = "Allow", Action = ["glue:CreateTable", "glue:UpdateTable"], Resource = ["arn:aws:glue:eu-west-1:123456789012:catalog", "arn:aws:glue:eu-west-1:123456789012:database/changefan", "arn:aws:glue:eu-west-1:123456789012:table/changefan/changes"] },
      { Sid = "WriteIcebergFiles", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"], Resource = ["arn:aws:s3:::the-tables/iceberg/*"] },
      { Sid = "SeeOtherRuns", Effect = "Allow", Action = ["states:ListExecutions"], Resource = ["arn:aws:states:eu-west-1:123456789012:stateMachine:changefan-lake"] },
      { Sid = "KeepProgress", Effect = "Allow", Action = ["ssm:GetParameter", "ssm:PutParameter"], Resource = ["arn:aws:ssm:eu-west-1:123456789012:parameter/changefan/lake/merged"] },
      { Sid = "ReportUnmerged", Effect = "Allow", Action = ["cloudwatch:PutMetricData"], Resource = ["*"], Condition = { StringEquals = { "cloudwatch:namespace" = "changefan" } } },
      { Sid = "DeliverLogs", Effect = "Allow", Action = ["logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"], Resource = ["*"] },
    ]
    error_message = "found ${aws_iam_role_policy.lake_merge["this"].policy}"
  }
}

run "readers_find_saved_queries_and_databases" {
  command = apply

  assert {
    condition = [for statement in jsondecode(output.lake.reader_policy_json).Statement : statement if contains(["FindSavedQueries", "ListWorkGroups", "ListDatabases"], statement.Sid)] == [
      { Sid = "FindSavedQueries", Effect = "Allow", Action = ["athena:BatchGetNamedQuery", "athena:GetNamedQuery", "athena:ListNamedQueries"], Resource = ["arn:aws:athena:eu-west-1:123456789012:workgroup/changefan"] },
      { Sid = "ListWorkGroups", Effect = "Allow", Action = ["athena:ListWorkGroups"], Resource = ["*"] },
      { Sid = "ListDatabases", Effect = "Allow", Action = ["glue:GetDatabases"], Resource = ["arn:aws:glue:eu-west-1:123456789012:catalog", "arn:aws:glue:eu-west-1:123456789012:database/default", "arn:aws:glue:eu-west-1:123456789012:database/changefan"] },
    ]
    error_message = "found ${output.lake.reader_policy_json}"
  }
}

run "mergers_write_the_table_and_start_the_merge" {
  command = apply

  assert {
    condition = jsondecode(output.lake.merger_policy_json).Statement == [
      { Sid = "RunQueries", Effect = "Allow", Action = ["athena:BatchGetQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup", "athena:ListQueryExecutions", "athena:StartQueryExecution", "athena:StopQueryExecution"], Resource = ["arn:aws:athena:eu-west-1:123456789012:workgroup/changefan-merges"] },
      { Sid = "ReadCatalog", Effect = "Allow", Action = ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"], Resource = ["arn:aws:glue:eu-west-1:123456789012:catalog", "arn:aws:glue:eu-west-1:123456789012:database/changefan", "arn:aws:glue:eu-west-1:123456789012:table/changefan/*"] },
      { Sid = "FindDefaultDatabase", Effect = "Allow", Action = ["glue:GetDatabase"], Resource = ["arn:aws:glue:eu-west-1:123456789012:catalog", "arn:aws:glue:eu-west-1:123456789012:database/default"] },
      { Sid = "ListLake", Effect = "Allow", Action = ["s3:GetBucketLocation", "s3:ListBucket"], Resource = ["arn:aws:s3:::the-lake", "arn:aws:s3:::the-tables"] },
      { Sid = "ReadLake", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::the-lake/changes/*", "arn:aws:s3:::the-lake/exports/*", "arn:aws:s3:::the-tables/iceberg/*"] },
      { Sid = "KeepResults", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"], Resource = ["arn:aws:s3:::the-tables/results/merges/*"] },
      { Sid = "FindSavedQueries", Effect = "Allow", Action = ["athena:BatchGetNamedQuery", "athena:GetNamedQuery", "athena:ListNamedQueries"], Resource = ["arn:aws:athena:eu-west-1:123456789012:workgroup/changefan-merges"] },
      { Sid = "ListWorkGroups", Effect = "Allow", Action = ["athena:ListWorkGroups"], Resource = ["*"] },
      { Sid = "ListDatabases", Effect = "Allow", Action = ["glue:GetDatabases"], Resource = ["arn:aws:glue:eu-west-1:123456789012:catalog", "arn:aws:glue:eu-west-1:123456789012:database/default", "arn:aws:glue:eu-west-1:123456789012:database/changefan"] },
      { Sid = "WriteIcebergTable", Effect = "Allow", Action = ["glue:CreateTable", "glue:UpdateTable"], Resource = ["arn:aws:glue:eu-west-1:123456789012:catalog", "arn:aws:glue:eu-west-1:123456789012:database/changefan", "arn:aws:glue:eu-west-1:123456789012:table/changefan/changes"] },
      { Sid = "WriteIcebergFiles", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"], Resource = ["arn:aws:s3:::the-tables/iceberg/*"] },
      { Sid = "KeepProgress", Effect = "Allow", Action = ["ssm:GetParameter", "ssm:PutParameter"], Resource = ["arn:aws:ssm:eu-west-1:123456789012:parameter/changefan/lake/merged"] },
      { Sid = "StartMerge", Effect = "Allow", Action = ["states:ListExecutions", "states:StartExecution"], Resource = ["arn:aws:states:eu-west-1:123456789012:stateMachine:changefan-lake"] },
      { Sid = "FollowMerge", Effect = "Allow", Action = ["states:DescribeExecution"], Resource = ["arn:aws:states:eu-west-1:123456789012:execution:changefan-lake:*"] },
    ]
    error_message = "found ${output.lake.merger_policy_json}"
  }
}

run "resource_accounts_bound_every_policy_of_the_lake" {
  command = apply

  variables {
    resource_accounts = ["123456789012"]
  }

  assert {
    condition = alltrue(flatten([for policy in [aws_iam_role_policy.lake_merge["this"].policy, output.lake.reader_policy_json, output.lake.merger_policy_json] : [
      for statement in jsondecode(policy).Statement : try(join(" ", statement.Condition.StringEquals["aws:ResourceAccount"]), "") == (startswith(statement.Action[0], "s3:") ? "123456789012" : "")
    ]]))
    error_message = "found ${aws_iam_role_policy.lake_merge["this"].policy}"
  }
}

run "key_of_existing_buckets_is_granted" {
  command = apply

  variables {
    sink_options    = { s3 = { bucket = "our-lake" } }
    failures_bucket = { name = "our-failures" }
    lake            = { existing_data_bucket = { name = "our-tables" } }
    kms_keys        = { buckets = { arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000001" } }
  }

  assert {
    condition = alltrue([for policy in [aws_iam_role_policy.function[0].policy, aws_iam_role_policy.lake_merge["this"].policy, output.lake.reader_policy_json, output.lake.merger_policy_json, output.operator_policy_json] :
    contains(flatten([for statement in jsondecode(policy).Statement : statement.Resource]), var.kms_keys["buckets"].arn)])
    error_message = "a policy does not grant the key of the buckets"
  }
}

run "merge_role_is_an_output" {
  command = apply

  assert {
    condition     = output.lake.merge_role_arn == aws_iam_role.lake_merge["this"].arn
    error_message = "found ${jsonencode(output.lake.merge_role_arn)}"
  }
}

run "schedule_may_start_the_merge_only" {
  command = apply

  assert {
    condition = jsondecode(aws_iam_role_policy.lake_schedule["this"].policy).Statement == [
      { Sid = "StartMerge", Effect = "Allow", Action = ["states:StartExecution"], Resource = ["arn:aws:states:eu-west-1:123456789012:stateMachine:changefan-lake"] },
    ]
    error_message = "found ${aws_iam_role_policy.lake_schedule["this"].policy}"
  }

  assert {
    condition     = [for role in [aws_iam_role.lake_merge["this"], aws_iam_role.lake_schedule["this"]] : jsondecode(role.assume_role_policy).Statement[0].Principal.Service] == ["states.amazonaws.com", "scheduler.amazonaws.com"]
    error_message = "a role trusts another service"
  }
}

run "readers_write_results_only" {
  command = apply

  assert {
    condition     = [for statement in jsondecode(output.lake.reader_policy_json).Statement : statement.Resource if length([for action in statement.Action : action if strcontains(action, "Put") || strcontains(action, "Delete") || strcontains(action, "Create") || strcontains(action, "Update")]) > 0] == [["arn:aws:s3:::the-tables/results/people/*"]]
    error_message = "found ${output.lake.reader_policy_json}"
  }
}

run "boundary_and_path_apply_to_both_roles" {
  command = apply

  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    role_path                = "/platform/"
  }

  assert {
    condition     = alltrue([for role in [aws_iam_role.lake_merge["this"], aws_iam_role.lake_schedule["this"]] : role.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary" && role.path == "/platform/"])
    error_message = "a role has no boundary or another path"
  }
}

run "traced_runs_may_send_traces" {
  command = apply

  variables {
    tracing = true
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.lake_merge["this"].policy).Statement : statement.Action if statement.Sid == "Trace"] == [["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]] && aws_sfn_state_machine.lake["this"].tracing_configuration[0].enabled
    error_message = "found ${aws_iam_role_policy.lake_merge["this"].policy}"
  }
}
