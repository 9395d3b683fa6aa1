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

run "redrive_from_a_pipe_decrypts_what_it_reads" {
  command = apply

  variables {
    pipe_source = "kinesis"
    quarantine  = false
    kms_keys = {
      stream      = { arn = "arn:aws:kms:eu-west-1:123456789012:key/stream" }
      queue       = { arn = "arn:aws:kms:eu-west-1:123456789012:key/queue" }
      environment = { arn = "arn:aws:kms:eu-west-1:123456789012:key/environment" }
      pipe        = { arn = "arn:aws:kms:eu-west-1:123456789012:key/pipe" }
    }
  }

  assert {
    condition = jsonencode(jsondecode(output.operator_policy_json).Statement) == jsonencode([
      { Sid = "DescribeTables", Effect = "Allow", Action = ["dynamodb:DescribeTable"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders"] },
      { Sid = "ReadDeadLetterRecords", Effect = "Allow", Action = ["kinesis:GetRecords", "kinesis:GetShardIterator"], Resource = ["arn:aws:kinesis:eu-west-1:123456789012:stream/changefan"] },
      { Sid = "DecryptRecords", Effect = "Allow", Action = ["kms:Decrypt"], Resource = ["arn:aws:kms:eu-west-1:123456789012:key/stream"] },
      { Sid = "ReceiveDeadLetters", Effect = "Allow", Action = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"], Resource = ["arn:aws:sqs:eu-west-1:123456789012:changefan-dead-letter"] },
      { Sid = "DecryptDeadLetters", Effect = "Allow", Action = ["kms:Decrypt"], Resource = ["arn:aws:kms:eu-west-1:123456789012:key/queue"] },
    ])
    error_message = "found ${output.operator_policy_json}"
  }
}
