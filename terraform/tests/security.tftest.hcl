# What a platform team may require of roles, keys, buckets and network.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
  sinks        = ["s3", "firehose"]
}

run "roles_with_boundary_and_path_have_them" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    role_path                = "/platform/"
  }

  assert {
    condition     = [for role in [aws_iam_role.function[0], aws_iam_role.firehose[0]] : [role.path, role.permissions_boundary]] == [["/platform/", "arn:aws:iam::123456789012:policy/boundary"], ["/platform/", "arn:aws:iam::123456789012:policy/boundary"]]
    error_message = "a role has no boundary, or another path"
  }
}

run "existing_roles_are_used_and_not_changed" {
  command = apply

  variables {
    existing_roles = {
      function = { arn = "arn:aws:iam::123456789012:role/audit" }
      firehose = { arn = "arn:aws:iam::123456789012:role/delivery" }
    }
  }

  assert {
    condition     = length(aws_iam_role.function) + length(aws_iam_role_policy.function) + length(aws_iam_role.firehose) + length(aws_iam_role_policy.firehose) == 0
    error_message = "a role or policy was created"
  }

  assert {
    condition     = aws_lambda_function.this.role == "arn:aws:iam::123456789012:role/audit" && aws_kinesis_firehose_delivery_stream.this["firehose"].extended_s3_configuration[0].role_arn == "arn:aws:iam::123456789012:role/delivery"
    error_message = "an existing role is not used"
  }

  assert {
    condition     = keys(output.role_policies) == ["firehose", "function"] && length(jsondecode(output.role_policies["function"]).Statement) > 0
    error_message = "found ${jsonencode(output.role_policies)}"
  }
}

run "resource_accounts_bound_s3_statements" {
  command = apply

  variables {
    resource_accounts = ["123456789012"]
  }

  assert {
    condition = alltrue([for statement in concat(jsondecode(aws_iam_role_policy.function[0].policy).Statement, jsondecode(aws_iam_role_policy.firehose[0].policy).Statement) :
    (startswith(statement.Action[0], "s3:") ? jsonencode(statement.Condition) == jsonencode({ StringEquals = { "aws:ResourceAccount" = ["123456789012"] } }) : !contains(keys(statement), "Condition"))])
    error_message = "found ${aws_iam_role_policy.function[0].policy}"
  }
}

run "vpc_config_attaches_and_permits" {
  command = apply

  variables {
    vpc_config = { subnet_ids = ["subnet-0a1b"], security_group_ids = ["sg-0a1b"] }
  }

  assert {
    condition     = aws_lambda_function.this.vpc_config[0].subnet_ids == toset(["subnet-0a1b"]) && aws_lambda_function.this.vpc_config[0].security_group_ids == toset(["sg-0a1b"])
    error_message = "the function is not in the VPC"
  }

  assert {
    condition = jsonencode([for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement if anytrue([for action in statement.Action : startswith(action, "ec2:")])]) == jsonencode([
      { Sid = "ManageNetworkInterfaces", Effect = "Allow", Action = ["ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"], Resource = ["arn:aws:ec2:eu-west-1:*:*/*"] },
      { Sid = "FindNetworkInterfaces", Effect = "Allow", Action = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], Resource = ["*"] },
      { Sid = "NotByTheFunctionItself", Effect = "Deny", Action = ["ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"], Resource = ["*"], Condition = { ArnEquals = { "lambda:SourceFunctionArn" = ["arn:aws:lambda:eu-west-1:123456789012:function:changefan"] } } },
    ])
    error_message = "found ${aws_iam_role_policy.function[0].policy}"
  }
}

run "file_system_mounts_and_permits" {
  command = apply

  variables {
    sinks        = ["file"]
    sink_options = { file = { dir = "/mnt/lake/changes" } }
    vpc_config   = { subnet_ids = ["subnet-0a1b"], security_group_ids = ["sg-0a1b"] }
    file_system = {
      access_point_arn = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0a1b"
      file_system_arn  = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-0a1b"
      local_mount_path = "/mnt/lake"
    }
  }

  assert {
    condition     = aws_lambda_function.this.file_system_config[0].arn == var.file_system.access_point_arn && aws_lambda_function.this.environment[0].variables["FILE_DIR"] == "/mnt/lake/changes"
    error_message = "the file system is not mounted"
  }

  assert {
    condition = jsonencode([for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement if try(statement.Sid, "") == "UseFileSystem"]) == jsonencode([{
      Sid       = "UseFileSystem"
      Effect    = "Allow"
      Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
      Resource  = ["arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-0a1b"]
      Condition = { StringEquals = { "elasticfilesystem:AccessPointArn" = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0a1b" } }
    }])
    error_message = "found ${aws_iam_role_policy.function[0].policy}"
  }
}

run "kms_key_is_used_everywhere" {
  command = apply

  variables {
    kms_key = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  }

  assert {
    condition = alltrue([for key in [
      aws_lambda_function.this.kms_key_arn, aws_cloudwatch_log_group.function.kms_key_id, aws_cloudwatch_log_group.firehose["firehose"].kms_key_id,
      aws_kinesis_firehose_delivery_stream.this["firehose"].server_side_encryption[0].key_arn, aws_dynamodb_table.this["main"].server_side_encryption[0].kms_key_arn,
    ] : key == var.kms_key.arn]) && aws_kinesis_firehose_delivery_stream.this["firehose"].server_side_encryption[0].key_type == "CUSTOMER_MANAGED_CMK"
    error_message = "a resource does not use the key"
  }

  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement.Sid => statement.Action if anytrue([for action in statement.Action : startswith(action, "kms:")]) } == {
      DecryptRecords     = ["kms:Decrypt"]
      EncryptObjects     = ["kms:Decrypt", "kms:GenerateDataKey"]
      DecryptEnvironment = ["kms:Decrypt"]
    }
    error_message = "found ${aws_iam_role_policy.function[0].policy}"
  }
}

run "kms_key_of_existing_source_is_separate" {
  command = plan

  variables {
    kms_keys = { source = { arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-12ab-34cd-56ef-1234567890ab" } }
  }

  assert {
    condition     = local.source_keys == tolist(["arn:aws:kms:eu-west-1:123456789012:key/00000000-12ab-34cd-56ef-1234567890ab"]) && local.key_arns["buckets"] == null
    error_message = "found ${jsonencode(local.source_keys)}"
  }
}

run "kms_key_of_existing_buckets_is_granted" {
  command = apply

  variables {
    sinks           = ["s3"]
    sink_options    = { s3 = { bucket = "our-lake" } }
    failures_bucket = { name = "our-failures" }
    kms_keys        = { buckets = { arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-12ab-34cd-56ef-1234567890ab" } }
  }

  assert {
    condition     = jsonencode([for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : [statement.Action, statement.Resource] if try(statement.Sid, "") == "EncryptObjects"]) == jsonencode([[["kms:Decrypt", "kms:GenerateDataKey"], [var.kms_keys["buckets"].arn]]])
    error_message = "found ${aws_iam_role_policy.function[0].policy}"
  }

  assert {
    condition     = jsonencode([for statement in jsondecode(output.operator_policy_json).Statement : statement.Action if statement.Sid == "EncryptObjects"]) == jsonencode([["kms:Decrypt", "kms:GenerateDataKey"]])
    error_message = "found ${output.operator_policy_json}"
  }
}

run "kms_key_alone_grants_nothing_on_existing_buckets" {
  command = apply

  variables {
    sinks           = ["s3"]
    sink_options    = { s3 = { bucket = "our-lake" } }
    failures_bucket = { name = "our-failures" }
    kms_key         = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.function[0].policy, "EncryptObjects") && !strcontains(output.operator_policy_json, "EncryptObjects")
    error_message = "found ${aws_iam_role_policy.function[0].policy}"
  }
}

run "unconditional_writes_are_denied_below_prefixes" {
  command = apply

  variables {
    deny_unconditional_writes = true
  }

  assert {
    condition = jsonencode({ for bucket, policy in aws_s3_bucket_policy.this : bucket => [for statement in jsondecode(policy.policy).Statement : statement if statement.Sid == "OnlyNewObjects"] }) == jsonencode({
      for bucket, prefix in { failures = "quarantine/", lake = "changes/" } : bucket => [{
        Sid       = "OnlyNewObjects"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = ["arn:aws:s3:::the-${bucket}/${prefix}*"]
        Condition = { Null = { "s3:if-none-match" = "true" }, Bool = { "s3:ObjectCreationOperation" = "true" } }
      }]
    })
    error_message = "found ${jsonencode({ for bucket, policy in aws_s3_bucket_policy.this : bucket => policy.policy })}"
  }
}

run "bucket_policies_are_added" {
  command = apply

  variables {
    bucket_policies = { lake = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Sid\":\"Readers\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"123456789012\"},\"Action\":\"s3:GetObject\",\"Resource\":\"{bucket_arn}/changes/*\"}}" }
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this["lake"].policy).Statement : [statement.Sid, jsonencode(statement.Resource)]] == [["OnlyEncryptedConnections", "[\"arn:aws:s3:::the-lake\",\"arn:aws:s3:::the-lake/*\"]"], ["Readers", "\"arn:aws:s3:::the-lake/changes/*\""]]
    error_message = "found ${aws_s3_bucket_policy.this["lake"].policy}"
  }

  assert {
    condition     = length(jsondecode(aws_s3_bucket_policy.this["failures"].policy).Statement) == 1
    error_message = "the statement is on the other bucket, too"
  }
}

run "object_lock_is_on_the_versioned_bucket" {
  command = plan

  variables {
    object_lock = { lake = { mode = "COMPLIANCE", years = 7 } }
  }

  assert {
    condition     = keys(aws_s3_bucket_object_lock_configuration.this) == ["lake"] && one(one(aws_s3_bucket_object_lock_configuration.this["lake"].rule).default_retention).years == 7 && aws_s3_bucket_versioning.this["lake"].versioning_configuration[0].status == "Enabled"
    error_message = "found Object Lock on ${jsonencode(keys(aws_s3_bucket_object_lock_configuration.this))}"
  }
}

run "access_logs_have_a_prefix_per_bucket" {
  command = plan

  variables {
    access_logs = { bucket = "logs", prefix = "s3/" }
  }

  assert {
    condition     = { for bucket, logging in aws_s3_bucket_logging.this : bucket => "${logging.target_bucket}/${logging.target_prefix}" } == { failures = "logs/s3/failures/", lake = "logs/s3/lake/" }
    error_message = "found ${jsonencode({ for bucket, logging in aws_s3_bucket_logging.this : bucket => logging.target_prefix })}"
  }
}

run "transitions_name_the_lake_prefixes_only" {
  command = plan

  variables {
    lake_transitions = [{ days = 90, storage_class = "GLACIER_IR" }]
  }

  assert {
    condition     = toset([for rule in aws_s3_bucket_lifecycle_configuration.this["lake"].rule : one(rule.filter).prefix if length(rule.transition) > 0]) == toset(["changes/", "firehose/", "errors/", "exports/"])
    error_message = "found ${jsonencode([for rule in aws_s3_bucket_lifecycle_configuration.this["lake"].rule : rule.id])}"
  }
}

run "failures_bucket_existing_is_used" {
  command = apply

  variables {
    failures_bucket   = { name = "our-failures" }
    quarantine_prefix = "orders/quarantine/"
  }

  assert {
    condition     = keys(aws_s3_bucket.this) == ["lake"] && aws_lambda_event_source_mapping.this["main"].destination_config[0].on_failure[0].destination_arn == "arn:aws:s3:::our-failures" && aws_lambda_function.this.environment[0].variables["QUARANTINE"] == "s3://our-failures/orders/quarantine/"
    error_message = "the existing bucket is not used"
  }
}
