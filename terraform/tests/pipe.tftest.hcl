# A pipe in the mapping's place: its own role reads, and its dead letters have a queue.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip  = "tests/bootstrap.zip"
  stream_source = "pipe"
}

run "pipe_takes_the_mapping_s_place" {
  command = apply

  assert {
    condition     = length(aws_lambda_event_source_mapping.this) == 0 && aws_pipes_pipe.this[0].source == aws_dynamodb_table.this[0].stream_arn && aws_pipes_pipe.this[0].target == aws_lambda_function.this.arn
    error_message = "the pipe does not lead from the table's stream to the function"
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables["PARTIAL_BATCH_RESPONSE"] == "true" && aws_pipes_pipe.this[0].target_parameters[0].lambda_function_parameters[0].invocation_type == "REQUEST_RESPONSE"
    error_message = "the pipe does not hear which records failed"
  }
}

run "pipe_settings_lose_no_record" {
  command = apply

  variables {
    filter_patterns        = ["{\"eventName\":[\"INSERT\"]}"]
    batch_size             = 7
    maximum_retry_attempts = 100
  }

  assert {
    condition = (aws_pipes_pipe.this[0].source_parameters[0].dynamodb_stream_parameters[0].starting_position == "TRIM_HORIZON"
      && aws_pipes_pipe.this[0].source_parameters[0].dynamodb_stream_parameters[0].on_partial_batch_item_failure == "AUTOMATIC_BISECT"
      && aws_pipes_pipe.this[0].source_parameters[0].dynamodb_stream_parameters[0].maximum_retry_attempts == 100
      && aws_pipes_pipe.this[0].source_parameters[0].dynamodb_stream_parameters[0].maximum_record_age_in_seconds == 79200
    && aws_pipes_pipe.this[0].source_parameters[0].dynamodb_stream_parameters[0].batch_size == 7)
    error_message = "found ${jsonencode(aws_pipes_pipe.this[0].source_parameters[0].dynamodb_stream_parameters)}"
  }

  assert {
    condition     = aws_pipes_pipe.this[0].source_parameters[0].dynamodb_stream_parameters[0].dead_letter_config[0].arn == aws_sqs_queue.dead_letter[0].arn && aws_sqs_queue.dead_letter[0].message_retention_seconds == 1209600
    error_message = "dead letters have no queue, or not for the longest time"
  }

  assert {
    condition     = tolist([for filter in aws_pipes_pipe.this[0].source_parameters[0].filter_criteria[0].filter : filter.pattern]) == var.filter_patterns
    error_message = "the filter patterns are not handed on"
  }
}

run "pipe_reads_so_the_function_need_not" {
  command = apply

  assert {
    condition = jsondecode(aws_iam_role_policy.pipe[0].policy).Statement == [
      { Sid = "ReadTableStream", Effect = "Allow", Action = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000"] },
      { Sid = "ListTableStreams", Effect = "Allow", Action = ["dynamodb:ListStreams"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/*"] },
      { Sid = "InvokeFunction", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = ["arn:aws:lambda:eu-west-1:123456789012:function:changefan"] },
      { Sid = "KeepDeadLetters", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = ["arn:aws:sqs:eu-west-1:123456789012:changefan-dead-letter"] },
    ]
    error_message = "found ${jsonencode(jsondecode(aws_iam_role_policy.pipe[0].policy).Statement)}"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.function.policy).Statement : statement.Sid] == ["WriteOwnLogs", "QuarantineRecords", "FindFailuresBucket"]
    error_message = "found ${jsonencode(jsondecode(aws_iam_role_policy.function.policy).Statement)}"
  }

  assert {
    condition     = jsondecode(aws_iam_role.pipe[0].assume_role_policy).Statement[0].Condition == { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    error_message = "the pipe's role could be used for another account"
  }
}

run "pipe_without_quarantine_needs_no_bucket" {
  command = apply

  variables {
    quarantine = false
  }

  assert {
    condition     = length(aws_s3_bucket.this) == 0 && output.failures_bucket == null
    error_message = "a bucket that nobody writes to"
  }
}

run "pipe_reads_a_kinesis_stream" {
  command = apply

  variables {
    pipe_source = "kinesis"
  }

  assert {
    condition     = aws_pipes_pipe.this[0].source == aws_kinesis_stream.this[0].arn && length(aws_dynamodb_kinesis_streaming_destination.this) == 1
    error_message = "the pipe does not read the stream that the table feeds"
  }

  assert {
    condition     = aws_pipes_pipe.this[0].source_parameters[0].kinesis_stream_parameters[0].on_partial_batch_item_failure == "AUTOMATIC_BISECT" && length(aws_pipes_pipe.this[0].source_parameters[0].dynamodb_stream_parameters) == 0
    error_message = "the Kinesis settings are not the pipe's"
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.pipe[0].policy).Statement[0].Sid == "ReadKinesisStream" && !strcontains(aws_iam_role_policy.pipe[0].policy, "dynamodb:")
    error_message = "the pipe may not read the stream, or may read a table"
  }
}

run "pipe_reads_an_existing_table" {
  command = apply

  variables {
    table_stream_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/invoices/stream/2023-07-11T19:25:30.000"
  }

  assert {
    condition     = aws_pipes_pipe.this[0].source == var.table_stream_arn && length(aws_dynamodb_table.this) == 0
    error_message = "the pipe does not read the existing stream"
  }
}
