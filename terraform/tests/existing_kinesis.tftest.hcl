# Existing tables and Kinesis streams.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip  = "tests/bootstrap.zip"
  stream_source = "kinesis"
}

# First, and planned only, because a created stream is not replaced by an existing one.
run "existing_table_feeds_a_created_stream" {
  command = plan

  variables {
    table = { name = "invoices" }
  }

  assert {
    condition     = length(aws_dynamodb_table.this) == 0 && length(aws_kinesis_stream.this) == 1 && aws_dynamodb_kinesis_streaming_destination.this["main"].table_name == "invoices" && output.table_name == "invoices"
    error_message = "the existing table does not feed the new stream"
  }
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

run "sources_of_a_stream_alone_are_not_restricted" {
  command = apply

  variables {
    kinesis_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" }
  }

  assert {
    condition     = !contains(keys(aws_lambda_function.this.environment[0].variables), "ALLOWED_SOURCES")
    error_message = "changes of a table that feeds the stream would be quarantined"
  }
}

run "sources_of_a_stream_are_those_listed_and_it" {
  command = apply

  variables {
    kinesis_stream  = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" }
    allowed_sources = ["eu-west-1:123456789012:orders"]
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables["ALLOWED_SOURCES"] == "eu-west-1:123456789012:stream/clicks,eu-west-1:123456789012:orders"
    error_message = "found ${aws_lambda_function.this.environment[0].variables["ALLOWED_SOURCES"]}"
  }
}

run "sources_of_a_table_and_a_stream_are_both" {
  command = apply

  variables {
    table          = { name = "invoices" }
    kinesis_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" }
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables["ALLOWED_SOURCES"] == "eu-west-1:123456789012:invoices,eu-west-1:123456789012:stream/clicks"
    error_message = "found ${aws_lambda_function.this.environment[0].variables["ALLOWED_SOURCES"]}"
  }
}
