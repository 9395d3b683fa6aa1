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
      { Sid = "WriteExportRows", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::the-lake/exports/*"] },
      { Sid = "SinkS3Permission1", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::the-lake/changes/*"] },
      { Sid = "SinkS3Permission2", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::the-lake"] },
      { Sid = "DescribeTables", Effect = "Allow", Action = ["dynamodb:DescribeTable"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders"] },
      { Sid = "ReadTableStream", Effect = "Allow", Action = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000"] },
      { Sid = "ListTableStreams", Effect = "Allow", Action = ["dynamodb:ListStreams"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/*"] },
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
