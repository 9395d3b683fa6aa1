# Options of a mapping that reads a Kinesis stream.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip  = "tests/bootstrap.zip"
  stream_source = "kinesis"
}

run "starting_position_at_timestamp_is_set" {
  command = plan

  variables {
    starting_position           = "AT_TIMESTAMP"
    starting_position_timestamp = "2024-01-01T00:00:00Z"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].starting_position == "AT_TIMESTAMP" && aws_lambda_event_source_mapping.this["main"].starting_position_timestamp == "2024-01-01T00:00:00Z"
    error_message = "the mapping starts elsewhere"
  }
}

run "enhanced_fan_out_reads_through_a_consumer" {
  command = apply

  variables {
    enhanced_fan_out = true
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].event_source_arn == "arn:aws:kinesis:eu-west-1:123456789012:stream/changefan/consumer/changefan:1700000000"
    error_message = "the mapping does not read through the consumer"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement.Resource if contains(statement.Action, "kinesis:SubscribeToShard")] == [["arn:aws:kinesis:eu-west-1:123456789012:stream/changefan/consumer/changefan:1700000000"]]
    error_message = "found ${aws_iam_role_policy.function[0].policy}"
  }
}

run "operator_policy_reads_the_kinesis_stream" {
  command = apply

  variables {
    enhanced_fan_out = true
  }

  assert {
    condition     = contains([for statement in jsondecode(output.operator_policy_json).Statement : statement.Sid], "ReadKinesisStream")
    error_message = "found ${output.operator_policy_json}"
  }
}
