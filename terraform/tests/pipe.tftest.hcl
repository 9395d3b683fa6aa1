# A pipe instead of a mapping: its role reads the stream, and a queue keeps its dead letters.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip  = "tests/bootstrap.zip"
  stream_source = "pipe"
  table_name    = "orders"
}

run "pipe_replaces_the_mapping" {
  command = apply

  assert {
    condition     = length(aws_lambda_event_source_mapping.this) == 0 && aws_pipes_pipe.this["main"].source == aws_dynamodb_table.this["main"].stream_arn && aws_pipes_pipe.this["main"].target == aws_lambda_function.this.arn
    error_message = "the pipe does not lead from the table's stream to the function"
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables["PARTIAL_BATCH_RESPONSE"] == "true" && aws_pipes_pipe.this["main"].target_parameters[0].lambda_function_parameters[0].invocation_type == "REQUEST_RESPONSE"
    error_message = "the pipe does not evaluate which records failed"
  }
}

run "pipe_by_default_loses_no_record" {
  command = apply

  variables {
    filter_patterns        = ["{\"eventName\":[\"INSERT\"]}"]
    batch_size             = 7
    maximum_retry_attempts = 100
  }

  assert {
    condition = (aws_pipes_pipe.this["main"].source_parameters[0].dynamodb_stream_parameters[0].starting_position == "TRIM_HORIZON"
      && aws_pipes_pipe.this["main"].source_parameters[0].dynamodb_stream_parameters[0].on_partial_batch_item_failure == "AUTOMATIC_BISECT"
      && aws_pipes_pipe.this["main"].source_parameters[0].dynamodb_stream_parameters[0].maximum_retry_attempts == 100
      && aws_pipes_pipe.this["main"].source_parameters[0].dynamodb_stream_parameters[0].maximum_record_age_in_seconds == 79200
    && aws_pipes_pipe.this["main"].source_parameters[0].dynamodb_stream_parameters[0].batch_size == 7)
    error_message = "found ${jsonencode(aws_pipes_pipe.this["main"].source_parameters[0].dynamodb_stream_parameters)}"
  }

  assert {
    condition     = aws_pipes_pipe.this["main"].source_parameters[0].dynamodb_stream_parameters[0].dead_letter_config[0].arn == aws_sqs_queue.dead_letter[0].arn && aws_sqs_queue.dead_letter[0].message_retention_seconds == 1209600
    error_message = "dead letters have no queue, or not for the longest time"
  }

  assert {
    condition     = tolist([for filter in aws_pipes_pipe.this["main"].source_parameters[0].filter_criteria[0].filter : filter.pattern]) == var.filter_patterns
    error_message = "the filter patterns are not handed on"
  }
}

run "pipe_role_reads_instead_of_the_function" {
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
    condition     = [for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement.Sid] == ["WriteOwnLogs", "QuarantineRecords", "FindFailuresBucket"]
    error_message = "found ${jsonencode(jsondecode(aws_iam_role_policy.function[0].policy).Statement)}"
  }

  assert {
    condition     = jsondecode(aws_iam_role.pipe[0].assume_role_policy).Statement[0].Condition == { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    error_message = "the pipe's role could be used for another account"
  }
}

run "pipe_role_has_the_additional_statements" {
  command = apply

  variables {
    pipe_policy_statements = [{ actions = ["kms:Decrypt"], resources = ["arn:aws:kms:eu-west-1:123456789012:key/other"] }]
  }

  assert {
    condition     = reverse(jsondecode(aws_iam_role_policy.pipe[0].policy).Statement)[0] == { Effect = "Allow", Action = ["kms:Decrypt"], Resource = ["arn:aws:kms:eu-west-1:123456789012:key/other"] }
    error_message = "found ${aws_iam_role_policy.pipe[0].policy}"
  }
}

run "pipe_without_quarantine_creates_no_bucket" {
  command = apply

  variables {
    quarantine = false
  }

  assert {
    condition     = length(aws_s3_bucket.this) == 0 && output.failures_bucket == null
    error_message = "a bucket without a writer"
  }
}

run "redrive_from_a_pipe_reads_the_table_stream" {
  command = apply

  variables {
    quarantine = false
  }

  assert {
    condition = jsonencode(jsondecode(output.operator_policy_json).Statement) == jsonencode([
      { Sid = "DescribeTables", Effect = "Allow", Action = ["dynamodb:DescribeTable"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders"] },
      { Sid = "ReadDeadLetterRecords", Effect = "Allow", Action = ["dynamodb:GetRecords", "dynamodb:GetShardIterator"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000"] },
      { Sid = "ReceiveDeadLetters", Effect = "Allow", Action = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"], Resource = ["arn:aws:sqs:eu-west-1:123456789012:changefan-dead-letter"] },
    ])
    error_message = "found ${output.operator_policy_json}"
  }
}
