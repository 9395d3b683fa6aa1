# The default: a created table, its stream, a mapping, and the stdout sink.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
  table_name   = "orders"
}

run "table_with_keys_and_ttl_has_them" {
  command = plan

  variables {
    table_name     = "readings"
    hash_key       = "sensor"
    range_key      = "at"
    range_key_type = "N"
    ttl_attribute  = "expiresAt"
  }

  assert {
    condition     = { for attribute in aws_dynamodb_table.this["main"].attribute : attribute.name => attribute.type } == { sensor = "S", at = "N" }
    error_message = "found ${jsonencode(aws_dynamodb_table.this["main"].attribute)}"
  }

  assert {
    condition     = one(aws_dynamodb_table.this["main"].ttl).attribute_name == "expiresAt" && aws_dynamodb_table.this["main"].range_key == "at"
    error_message = "the sort key or the TTL attribute is not set"
  }
}

run "function_by_default_is_a_native_package" {
  command = apply

  assert {
    condition     = aws_lambda_function.this.runtime == "provided.al2023" && aws_lambda_function.this.handler == "bootstrap" && aws_lambda_function.this.architectures == tolist(["x86_64"])
    error_message = "the function is not a native one for x86_64"
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("tests/bootstrap.zip")
    error_message = "the hash is not the package's: a new build would not be deployed, or an old one again and again"
  }

  assert {
    condition     = aws_lambda_function.this.memory_size == 256 && aws_lambda_function.this.timeout == 60 && aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "the sizes are not the defaults"
  }
}

run "environment_by_default_is_complete" {
  command = apply

  assert {
    condition = aws_lambda_function.this.environment[0].variables == tomap({
      SINKS                  = "stdout"
      METRICS                = "basic"
      ALLOWED_SOURCES        = "eu-west-1:123456789012:orders"
      CHANGEFAN_LOG          = "info"
      CONNECT_AT_INIT        = "true"
      PARTIAL_BATCH_RESPONSE = "true"
      QUARANTINE             = "s3://the-failures/quarantine/"
    })
    error_message = "found ${jsonencode(aws_lambda_function.this.environment[0].variables)}"
  }
}

run "table_by_default_has_a_stream_and_is_protected" {
  command = apply

  assert {
    condition = (aws_dynamodb_table.this["main"].name == "orders" && aws_dynamodb_table.this["main"].hash_key == "referenceId"
    && aws_dynamodb_table.this["main"].stream_enabled && aws_dynamodb_table.this["main"].stream_view_type == "NEW_AND_OLD_IMAGES")
    error_message = "the table's stream does not carry both images"
  }

  assert {
    condition     = aws_dynamodb_table.this["main"].deletion_protection_enabled && aws_dynamodb_table.this["main"].point_in_time_recovery[0].enabled
    error_message = "the table can be lost"
  }

  assert {
    condition     = length(aws_kinesis_stream.this) == 0 && length(aws_dynamodb_kinesis_streaming_destination.this) == 0 && length(aws_pipes_pipe.this) == 0
    error_message = "more than the table's stream was made"
  }
}

run "mapping_by_default_loses_no_record" {
  command = apply

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].event_source_arn == aws_dynamodb_table.this["main"].stream_arn && aws_lambda_event_source_mapping.this["main"].starting_position == "TRIM_HORIZON"
    error_message = "the mapping does not read the table's stream from its oldest record"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].function_response_types == toset(["ReportBatchItemFailures"]) && aws_lambda_event_source_mapping.this["main"].bisect_batch_on_function_error
    error_message = "partial batch responses or bisecting are off"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].maximum_retry_attempts == -1 && aws_lambda_event_source_mapping.this["main"].maximum_record_age_in_seconds == 79200
    error_message = "retries do not end with the age of the record"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].destination_config[0].on_failure[0].destination_arn == "arn:aws:s3:::the-failures"
    error_message = "failed batches are not kept with their records"
  }

  assert {
    condition     = length(aws_lambda_event_source_mapping.this["main"].filter_criteria) == 0
    error_message = "a filter was made up"
  }
}

run "mapping_with_filters_and_batching_has_them" {
  command = plan

  variables {
    filter_patterns                    = ["{\"eventName\":[\"INSERT\"]}", "{\"eventName\":[\"REMOVE\"]}"]
    batch_size                         = 7
    maximum_batching_window_in_seconds = 3
    parallelization_factor             = 4
    tumbling_window_in_seconds         = 30
  }

  assert {
    condition     = toset([for filter in one(aws_lambda_event_source_mapping.this["main"].filter_criteria).filter : filter.pattern]) == toset(var.filter_patterns)
    error_message = "the filter patterns are not handed on"
  }

  assert {
    condition = (aws_lambda_event_source_mapping.this["main"].batch_size == 7 && aws_lambda_event_source_mapping.this["main"].maximum_batching_window_in_seconds == 3
    && aws_lambda_event_source_mapping.this["main"].parallelization_factor == 4 && aws_lambda_event_source_mapping.this["main"].tumbling_window_in_seconds == 30)
    error_message = "the batching settings are not handed on"
  }
}

run "function_policy_by_default_is_exact" {
  command = apply

  assert {
    condition = jsondecode(aws_iam_role_policy.function[0].policy).Statement == [
      { Sid = "WriteOwnLogs", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/changefan:*"] },
      { Sid = "ReadTableStream", Effect = "Allow", Action = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000"] },
      { Sid = "ListTableStreams", Effect = "Allow", Action = ["dynamodb:ListStreams"], Resource = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/*"] },
      { Sid = "KeepFailedBatches", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::the-failures/aws/lambda/*"] },
      { Sid = "QuarantineRecords", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::the-failures/quarantine/*"] },
      { Sid = "FindFailuresBucket", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::the-failures"] },
    ]
    error_message = "found ${jsonencode(jsondecode(aws_iam_role_policy.function[0].policy).Statement)}"
  }
}

run "stdout_alone_creates_the_failures_bucket_only" {
  command = apply

  assert {
    condition     = keys(aws_s3_bucket.this) == ["failures"] && length(aws_kinesis_firehose_delivery_stream.this) == 0 && output.lake_bucket == null
    error_message = "found buckets ${jsonencode(keys(aws_s3_bucket.this))}"
  }
}

run "quarantine_off_leaves_no_trace" {
  command = apply

  variables {
    quarantine = false
  }

  assert {
    condition     = !contains(keys(aws_lambda_function.this.environment[0].variables), "QUARANTINE") && !strcontains(aws_iam_role_policy.function[0].policy, "quarantine")
    error_message = "QUARANTINE or its permission is still there"
  }

  assert {
    condition     = keys(aws_s3_bucket.this) == ["failures"]
    error_message = "the mapping's destination went with the quarantine"
  }
}

run "buckets_are_private_encrypted_and_versioned" {
  command = apply

  variables {
    sinks = ["s3"]
  }

  assert {
    condition = keys(aws_s3_bucket.this) == ["failures", "lake"] && alltrue([for block in values(aws_s3_bucket_public_access_block.this) :
    block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "a bucket could become public"
  }

  assert {
    condition     = alltrue([for config in values(aws_s3_bucket_server_side_encryption_configuration.this) : one(config.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"])
    error_message = "a bucket is not encrypted by S3"
  }

  assert {
    condition     = [for versioning in values(aws_s3_bucket_versioning.this) : versioning.versioning_configuration[0].status] == ["Enabled", "Enabled"]
    error_message = "a bucket is not versioned"
  }

  assert {
    condition     = alltrue([for bucket in values(aws_s3_bucket.this) : !bucket.force_destroy])
    error_message = "a bucket goes with its objects"
  }

  assert {
    condition     = alltrue([for config in values(aws_s3_bucket_lifecycle_configuration.this) : [for rule in config.rule : rule.id] == ["tidy"]])
    error_message = "objects expire by default"
  }
}

run "objects_with_expiration_days_expire" {
  command = plan

  variables {
    sinks                    = ["s3"]
    lake_expiration_days     = 2555
    failures_expiration_days = 365
  }

  assert {
    condition = { for name, config in aws_s3_bucket_lifecycle_configuration.this : name => { for rule in config.rule : one(rule.filter).prefix => one(rule.expiration).days if length(rule.expiration) > 0 } } == {
      failures = { "" = 365 }
      lake     = { "changes/" = 2555, "exports/" = 2555 }
    }
    error_message = "the buckets' objects do not expire when they should"
  }
}

run "kms_key_encrypts_and_is_granted" {
  command = apply

  variables {
    sinks   = ["firehose"]
    kms_key = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  }

  assert {
    condition     = alltrue([for config in values(aws_s3_bucket_server_side_encryption_configuration.this) : one(config.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key.arn])
    error_message = "a bucket does not use the key"
  }

  assert {
    condition     = aws_dynamodb_table.this["main"].server_side_encryption[0].kms_key_arn == var.kms_key.arn
    error_message = "the table does not use the key"
  }

  assert {
    condition = alltrue([for policy in [aws_iam_role_policy.function[0].policy, aws_iam_role_policy.firehose[0].policy] :
      [for statement in jsondecode(policy).Statement : statement if statement.Sid == "EncryptObjects"] == [
        { Sid = "EncryptObjects", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.kms_key.arn] }
    ]])
    error_message = "function or Firehose may not use the key"
  }
}
