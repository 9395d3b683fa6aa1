# Changes through a Kinesis stream: whose table, whose stream, and who feeds whom.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip  = "tests/bootstrap.zip"
  stream_source = "kinesis"
}

run "table_feeds_a_stream_with_microseconds" {
  command = apply

  assert {
    condition = (aws_dynamodb_kinesis_streaming_destination.this[0].table_name == "orders" && aws_dynamodb_kinesis_streaming_destination.this[0].stream_arn == aws_kinesis_stream.this[0].arn
    && aws_dynamodb_kinesis_streaming_destination.this[0].approximate_creation_date_time_precision == "MICROSECOND")
    error_message = "the table does not feed the stream in microseconds"
  }

  assert {
    condition     = !aws_dynamodb_table.this[0].stream_enabled
    error_message = "the table has a stream that nobody reads"
  }
}

run "mapping_reads_the_kinesis_stream" {
  command = apply

  assert {
    condition     = aws_lambda_event_source_mapping.this[0].event_source_arn == "arn:aws:kinesis:eu-west-1:123456789012:stream/changefan" && aws_lambda_event_source_mapping.this[0].function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "the mapping does not read the stream, or not with partial batch responses"
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.function.policy).Statement : statement if startswith(statement.Sid, "Read")] == [{
      Sid    = "ReadKinesisStream"
      Effect = "Allow"
      Action = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator",
      "kinesis:ListShards", "kinesis:SubscribeToShard"]
      Resource = ["arn:aws:kinesis:eu-west-1:123456789012:stream/changefan"]
    }] && !strcontains(aws_iam_role_policy.function.policy, "dynamodb:")
    error_message = "found ${jsonencode(jsondecode(aws_iam_role_policy.function.policy).Statement)}"
  }
}

run "stream_is_encrypted_and_scales" {
  command = plan

  assert {
    condition     = aws_kinesis_stream.this[0].encryption_type == "KMS" && aws_kinesis_stream.this[0].kms_key_id == "alias/aws/kinesis" && aws_kinesis_stream.this[0].stream_mode_details[0].stream_mode == "ON_DEMAND"
    error_message = "the stream is not encrypted, or not on demand"
  }
}

run "stream_takes_shards_and_retention" {
  command = plan

  variables {
    kinesis_shards                = 3
    kinesis_retention_hours       = 168
    maximum_record_age_in_seconds = 561600
  }

  assert {
    condition     = aws_kinesis_stream.this[0].stream_mode_details[0].stream_mode == "PROVISIONED" && aws_kinesis_stream.this[0].shard_count == 3 && aws_kinesis_stream.this[0].retention_period == 168
    error_message = "the stream has other shards or another retention"
  }
}

run "existing_stream_without_a_table" {
  command = apply

  variables {
    kinesis_stream_arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
  }

  assert {
    condition     = length(aws_kinesis_stream.this) == 0 && length(aws_dynamodb_table.this) == 0 && length(aws_dynamodb_kinesis_streaming_destination.this) == 0 && output.table_name == null
    error_message = "an existing stream with its own producers got a table"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this[0].event_source_arn == var.kinesis_stream_arn && strcontains(aws_iam_role_policy.function.policy, "\"arn:aws:kinesis:eu-west-1:123456789012:stream/clicks\"")
    error_message = "the existing stream is not read"
  }
}

run "existing_table_feeds_a_new_stream" {
  command = apply

  variables {
    existing_table_name = "invoices"
  }

  assert {
    condition     = length(aws_dynamodb_table.this) == 0 && length(aws_kinesis_stream.this) == 1 && aws_dynamodb_kinesis_streaming_destination.this[0].table_name == "invoices" && output.table_name == "invoices"
    error_message = "the existing table does not feed the new stream"
  }
}

run "existing_table_feeds_an_existing_stream" {
  command = apply

  variables {
    existing_table_name = "invoices"
    kinesis_stream_arn  = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
  }

  assert {
    condition     = length(aws_dynamodb_table.this) == 0 && length(aws_kinesis_stream.this) == 0 && aws_dynamodb_kinesis_streaming_destination.this[0].stream_arn == var.kinesis_stream_arn
    error_message = "the existing table does not feed the existing stream"
  }
}
