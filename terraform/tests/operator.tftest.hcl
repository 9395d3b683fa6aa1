# The policy for backfill, verify and redrive, and the table export.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
  table_name   = "orders"
  sinks        = ["s3"]
  table_export = {}
}

run "operator_policy_is_exact" {
  command = apply

  assert {
    condition = jsonencode(jsondecode(output.operator_policy_json).Statement) == jsonencode([
      { Sid = "ListFailures", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::the-failures"], Condition = { StringLike = { "s3:prefix" = ["aws/lambda/*", "quarantine/*"] } } },
      { Sid = "RedriveFailures", Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging"], Resource = ["arn:aws:s3:::the-failures/aws/lambda/*", "arn:aws:s3:::the-failures/quarantine/*"] },
      { Sid = "KeepFailures", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::the-failures/quarantine/*"] },
      { Sid = "ListExports", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::the-lake"], Condition = { StringLike = { "s3:prefix" = ["table-exports/*"] } } },
      { Sid = "ReadExports", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::the-lake/table-exports/*"] },
      { Sid = "ListExportRows", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::the-lake"], Condition = { StringLike = { "s3:prefix" = ["exports/*"] } } },
      { Sid = "WriteExportRows", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::the-lake/exports/*"] },
      { Sid = "SinkS3Permission1", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::the-lake/changes/*"] },
      { Sid = "DescribeTables", Effect = "Allow", Action = ["dynamodb:DescribeTable"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders"] },
    ])
    error_message = "found ${output.operator_policy_json}"
  }
}

run "table_export_goes_to_the_lake_bucket" {
  command = apply

  assert {
    condition     = [aws_dynamodb_table_export.this["main"].table_arn, aws_dynamodb_table_export.this["main"].s3_bucket, aws_dynamodb_table_export.this["main"].s3_prefix] == ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders", "the-lake", "table-exports"]
    error_message = "the export goes elsewhere"
  }
}

run "table_export_access_alone_takes_none" {
  command = plan

  variables {
    table_export = { bucket = "our-exports", create = false }
  }

  assert {
    condition     = length(aws_dynamodb_table_export.this) == 0
    error_message = "an export is taken"
  }
}

run "table_export_without_bucket_is_refused" {
  command = plan

  variables {
    sinks        = ["stdout"]
    table_export = {}
  }

  expect_failures = [var.table_export]
}

run "redrive_from_a_mapping_decrypts_objects_only" {
  command = apply

  variables {
    kms_key = { arn = "arn:aws:kms:eu-west-1:123456789012:key/all" }
  }

  assert {
    condition = [for statement in jsondecode(output.operator_policy_json).Statement : statement if startswith(statement.Action[0], "kms:")] == [
      { Sid = "EncryptObjects", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = ["arn:aws:kms:eu-west-1:123456789012:key/all"] },
    ]
    error_message = "found ${output.operator_policy_json}"
  }
}

run "rows_are_encrypted_beside_existing_failures" {
  command = apply

  variables {
    kms_key         = { arn = "arn:aws:kms:eu-west-1:123456789012:key/all" }
    failures_bucket = { name = "our-failures" }
    table_export    = { bucket = "our-exports", create = false }
  }

  assert {
    condition     = [for statement in jsondecode(output.operator_policy_json).Statement : statement.Action if startswith(statement.Action[0], "kms:")] == [["kms:GenerateDataKey"]]
    error_message = "found ${output.operator_policy_json}"
  }
}

run "redrive_delivers_and_probes_nothing" {
  command = apply

  variables {
    table_export = null
    sinks        = ["cloudwatch_logs", "firehose", "eventbridge", "s3"]
    sink_options = { cloudwatch_logs = { group = "audit" }, firehose = { stream = "orders" }, eventbridge = { bus = "orders" }, s3 = { bucket = "our-lake" } }
  }

  assert {
    condition = [for statement in jsondecode(output.operator_policy_json).Statement : [statement.Action, statement.Resource] if startswith(statement.Sid, "Sink")] == [
      [["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:logs:eu-west-1:123456789012:log-group:audit:*"]],
      [["events:DescribeEventBus", "events:PutEvents"], ["arn:aws:events:eu-west-1:123456789012:event-bus/orders"]],
      [["firehose:PutRecordBatch"], ["arn:aws:firehose:eu-west-1:123456789012:deliverystream/orders"]],
      [["s3:PutObject"], ["arn:aws:s3:::our-lake/changes/*"]],
    ]
    error_message = "found ${output.operator_policy_json}"
  }
}

run "redrive_to_a_custom_sink_has_its_permissions" {
  command = apply

  variables {
    table_export            = null
    sinks                   = ["journal"]
    custom_sink_types       = ["journal"]
    extra_policy_statements = [{ actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:123456789012:journal"] }]
  }

  assert {
    condition     = contains([for statement in jsondecode(output.operator_policy_json).Statement : statement.Action], ["sqs:SendMessage"])
    error_message = "found ${output.operator_policy_json}"
  }
}

run "redrive_to_built_in_sinks_has_no_extra_permissions" {
  command = apply

  variables {
    extra_policy_statements = [{ actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:123456789012:journal"] }]
  }

  assert {
    condition     = !contains([for statement in jsondecode(output.operator_policy_json).Statement : statement.Action], ["sqs:SendMessage"])
    error_message = "found ${output.operator_policy_json}"
  }
}
