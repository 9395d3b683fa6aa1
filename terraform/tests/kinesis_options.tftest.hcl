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

run "redrive_from_a_mapping_reads_no_stream" {
  command = apply

  variables {
    enhanced_fan_out = true
    quarantine       = false
  }

  assert {
    condition = jsonencode(jsondecode(output.operator_policy_json).Statement) == jsonencode([
      { Sid = "ListFailures", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::the-failures"], Condition = { StringLike = { "s3:prefix" = ["aws/lambda/*"] } } },
      { Sid = "RedriveFailures", Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging"], Resource = ["arn:aws:s3:::the-failures/aws/lambda/*"] },
      { Sid = "DescribeTables", Effect = "Allow", Action = ["dynamodb:DescribeTable"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders"] },
    ])
    error_message = "found ${output.operator_policy_json}"
  }
}
