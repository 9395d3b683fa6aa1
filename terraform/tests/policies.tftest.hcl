# Every policy document with every option on: no wildcard action, and no wildcard resource where the action supports one.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip      = "tests/bootstrap.zip"
  stream_source     = "pipe"
  sinks             = ["stdout", "cloudwatch_logs", "firehose", "s3", "eventbridge"]
  sink_options      = { eventbridge = { bus = "orders" } }
  kms_key           = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  resource_accounts = ["123456789012"]
  table_export      = {}
  tracing           = true
  vpc_config        = { subnet_ids = ["subnet-0a1b"], security_group_ids = ["sg-0a1b"] }
  file_system = {
    access_point_arn = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0a1b"
    file_system_arn  = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-0a1b"
    local_mount_path = "/mnt/lake"
  }
}

run "policies_name_no_wildcard_action" {
  command = apply

  assert {
    condition = alltrue(flatten([for policy in concat(values(output.role_policies), [output.operator_policy_json]) : [
      for statement in jsondecode(policy).Statement : [for action in statement.Action : !strcontains(action, "*")]
    ]]))
    error_message = "found ${jsonencode(output.role_policies)}"
  }
}

run "policies_name_their_resources" {
  command = apply

  # Actions that support no resource, and a statement that denies.
  assert {
    condition = toset(flatten([for policy in concat(values(output.role_policies), [output.operator_policy_json]) : [
      for statement in jsondecode(policy).Statement : [for resource in statement.Resource : statement.Sid if !startswith(resource, "arn:")]
    ]])) == toset(["FindNetworkInterfaces", "NotByTheFunctionItself", "SendTraces"])
    error_message = "found ${jsonencode(output.role_policies)}"
  }
}

run "resource_accounts_bound_the_operator_policy" {
  command = apply

  assert {
    condition = alltrue([for statement in jsondecode(output.operator_policy_json).Statement :
    try(statement.Condition.StringEquals["aws:ResourceAccount"], []) == ["123456789012"] if startswith(statement.Action[0], "s3:")])
    error_message = "found ${output.operator_policy_json}"
  }
}

run "pipe_policy_is_exact" {
  command = apply

  assert {
    condition = jsondecode(output.role_policies["pipe"]).Statement == [
      { Sid = "ReadTableStream", Effect = "Allow", Action = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000"] },
      { Sid = "ListTableStreams", Effect = "Allow", Action = ["dynamodb:ListStreams"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/*"] },
      { Sid = "DecryptRecords", Effect = "Allow", Action = ["kms:Decrypt"], Resource = ["arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"] },
      { Sid = "InvokeFunction", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = ["arn:aws:lambda:eu-west-1:123456789012:function:changefan"] },
      { Sid = "KeepDeadLetters", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = ["arn:aws:sqs:eu-west-1:123456789012:changefan-dead-letter"] },
      { Sid = "EncryptDeadLetters", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = ["arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"] },
      { Sid = "DecryptPipe", Effect = "Allow", Action = ["kms:Decrypt"], Resource = ["arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"] },
    ]
    error_message = "found ${output.role_policies["pipe"]}"
  }
}

run "roles_trust_their_service_only" {
  command = apply

  assert {
    condition = jsonencode([for role in [aws_iam_role.function[0], aws_iam_role.firehose[0], aws_iam_role.pipe[0]] : jsondecode(role.assume_role_policy).Statement]) == jsonencode([
      [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }],
      [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "firehose.amazonaws.com" }, Condition = { StringEquals = { "sts:ExternalId" = "123456789012" } } }],
      [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "pipes.amazonaws.com" }, Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } } }],
    ])
    error_message = "found ${aws_iam_role.pipe[0].assume_role_policy}"
  }
}
