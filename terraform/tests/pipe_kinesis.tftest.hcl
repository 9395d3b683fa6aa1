# A pipe that reads a Kinesis stream.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip  = "tests/bootstrap.zip"
  stream_source = "pipe"
}

run "pipe_reads_a_kinesis_stream" {
  command = apply

  variables {
    pipe_source = "kinesis"
  }

  assert {
    condition     = aws_pipes_pipe.this["main"].source == aws_kinesis_stream.this["main"].arn && length(aws_dynamodb_kinesis_streaming_destination.this) == 1
    error_message = "the pipe does not read the stream that the table feeds"
  }

  assert {
    condition     = aws_pipes_pipe.this["main"].source_parameters[0].kinesis_stream_parameters[0].on_partial_batch_item_failure == "AUTOMATIC_BISECT" && length(aws_pipes_pipe.this["main"].source_parameters[0].dynamodb_stream_parameters) == 0
    error_message = "the Kinesis settings are not the pipe's"
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.pipe[0].policy).Statement[0].Sid == "ReadKinesisStream" && !strcontains(aws_iam_role_policy.pipe[0].policy, "dynamodb:")
    error_message = "the pipe may not read the stream, or may read a table"
  }
}
