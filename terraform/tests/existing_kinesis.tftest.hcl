# Existing tables and Kinesis streams.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip  = "tests/bootstrap.zip"
  stream_source = "kinesis"
}

run "existing_stream_alone_has_no_table" {
  command = apply

  variables {
    kinesis_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" }
  }

  assert {
    condition     = length(aws_kinesis_stream.this) == 0 && length(aws_dynamodb_table.this) == 0 && length(aws_dynamodb_kinesis_streaming_destination.this) == 0 && output.table_name == null
    error_message = "an existing stream with its own producers got a table"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].event_source_arn == var.kinesis_stream.arn && strcontains(aws_iam_role_policy.function[0].policy, "\"arn:aws:kinesis:eu-west-1:123456789012:stream/clicks\"")
    error_message = "the existing stream is not read"
  }
}

run "existing_table_feeds_a_created_stream" {
  command = apply

  variables {
    table = { name = "invoices" }
  }

  assert {
    condition     = length(aws_dynamodb_table.this) == 0 && length(aws_kinesis_stream.this) == 1 && aws_dynamodb_kinesis_streaming_destination.this["main"].table_name == "invoices" && output.table_name == "invoices"
    error_message = "the existing table does not feed the new stream"
  }
}

run "existing_table_feeds_an_existing_stream" {
  command = apply

  variables {
    table          = { name = "invoices" }
    kinesis_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" }
  }

  assert {
    condition     = length(aws_dynamodb_table.this) == 0 && length(aws_kinesis_stream.this) == 0 && aws_dynamodb_kinesis_streaming_destination.this["main"].stream_arn == var.kinesis_stream.arn
    error_message = "the existing table does not feed the existing stream"
  }
}
