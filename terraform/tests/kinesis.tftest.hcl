# Changes of a created table through a created Kinesis stream.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip  = "tests/bootstrap.zip"
  stream_source = "kinesis"
  table_name    = "orders"
}

run "table_feeds_the_stream_with_microseconds" {
  command = apply

  assert {
    condition = (aws_dynamodb_kinesis_streaming_destination.this["main"].table_name == "orders" && aws_dynamodb_kinesis_streaming_destination.this["main"].stream_arn == aws_kinesis_stream.this["main"].arn
    && aws_dynamodb_kinesis_streaming_destination.this["main"].approximate_creation_date_time_precision == "MICROSECOND")
    error_message = "the table does not feed the stream in microseconds"
  }

  assert {
    condition     = !aws_dynamodb_table.this["main"].stream_enabled
    error_message = "the table has a stream without a reader"
  }
}

run "mapping_reads_the_kinesis_stream" {
  command = apply

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].event_source_arn == "arn:aws:kinesis:eu-west-1:123456789012:stream/changefan" && aws_lambda_event_source_mapping.this["main"].function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "the mapping does not read the stream, or not with partial batch responses"
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement if startswith(statement.Sid, "Read")] == [{
      Sid    = "ReadKinesisStream"
      Effect = "Allow"
      Action = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator",
      "kinesis:ListShards"]
      Resource = ["arn:aws:kinesis:eu-west-1:123456789012:stream/changefan"]
    }] && !strcontains(aws_iam_role_policy.function[0].policy, "dynamodb:")
    error_message = "found ${jsonencode(jsondecode(aws_iam_role_policy.function[0].policy).Statement)}"
  }
}

run "stream_by_default_is_encrypted_and_on_demand" {
  command = plan

  assert {
    condition     = aws_kinesis_stream.this["main"].encryption_type == "KMS" && aws_kinesis_stream.this["main"].kms_key_id == "alias/aws/kinesis" && aws_kinesis_stream.this["main"].stream_mode_details[0].stream_mode == "ON_DEMAND"
    error_message = "the stream is not encrypted, or not on demand"
  }
}

run "stream_with_shards_and_retention_has_them" {
  command = plan

  variables {
    kinesis_shards                = 3
    kinesis_retention_hours       = 168
    maximum_record_age_in_seconds = 561600
  }

  assert {
    condition     = aws_kinesis_stream.this["main"].stream_mode_details[0].stream_mode == "PROVISIONED" && aws_kinesis_stream.this["main"].shard_count == 3 && aws_kinesis_stream.this["main"].retention_period == 168
    error_message = "the stream has other shards or another retention"
  }
}
