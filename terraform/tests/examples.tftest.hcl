# Each example applies.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
}

run "dynamodb_example_applies" {
  command = apply

  module {
    source = "./examples/dynamodb"
  }

  assert {
    condition     = output.table_name == "orders-audit" && output.lake_bucket != null
    error_message = "found table ${jsonencode(output.table_name)}, bucket ${jsonencode(output.lake_bucket)}"
  }
}

run "kinesis_example_applies" {
  command = apply

  module {
    source = "./examples/kinesis"
  }

  assert {
    condition     = output.table_name == "orders-kinesis" && output.stream_arn == "arn:aws:kinesis:eu-west-1:123456789012:stream/changefan"
    error_message = "found table ${jsonencode(output.table_name)}, stream ${jsonencode(output.stream_arn)}"
  }
}

run "pipe_example_applies" {
  command = apply

  module {
    source = "./examples/pipe"
  }

  assert {
    condition     = output.table_name == "orders-pipe" && output.dead_letter_queue_url == "https://sqs.eu-west-1.amazonaws.com/123456789012/changefan-dead-letter"
    error_message = "found table ${jsonencode(output.table_name)}, queue ${jsonencode(output.dead_letter_queue_url)}"
  }
}
