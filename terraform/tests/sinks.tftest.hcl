# What each chosen sink creates, sets and permits.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
  quarantine   = false
}

run "sinks_set_their_options" {
  command = apply

  variables {
    sinks = ["stdout", "cloudwatch_logs", "firehose", "s3"]
    sink_options = {
      stdout   = { format = "json", numbers = "string" }
      firehose = { pack = 5120 }
      s3       = { prefix = "audit/", compression = "zstd" }
    }
  }

  assert {
    condition = output.sink_environment == {
      SINKS                 = "stdout,cloudwatch_logs,firehose,s3"
      STDOUT_FORMAT         = "json"
      STDOUT_NUMBERS        = "string"
      CLOUDWATCH_LOGS_GROUP = "/changefan/cloudwatch_logs"
      FIREHOSE_STREAM       = "changefan"
      FIREHOSE_PACK         = "5120"
      S3_BUCKET             = "the-lake"
      S3_PREFIX             = "audit/"
      S3_COMPRESSION        = "zstd"
    }
    error_message = "found ${jsonencode(output.sink_environment)}"
  }
}

run "firehose_delivers_into_the_lake" {
  command = apply

  variables {
    sinks = ["firehose"]
  }

  assert {
    condition = (aws_kinesis_firehose_delivery_stream.this["firehose"].extended_s3_configuration[0].bucket_arn == "arn:aws:s3:::the-lake"
      && aws_kinesis_firehose_delivery_stream.this["firehose"].extended_s3_configuration[0].prefix == "firehose/date=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"
    && aws_kinesis_firehose_delivery_stream.this["firehose"].extended_s3_configuration[0].error_output_prefix == "errors/firehose/!{firehose:error-output-type}/date=!{timestamp:yyyy-MM-dd}/")
    error_message = "objects or errors go elsewhere"
  }

  assert {
    condition = (aws_kinesis_firehose_delivery_stream.this["firehose"].extended_s3_configuration[0].compression_format == "GZIP"
    && aws_kinesis_firehose_delivery_stream.this["firehose"].extended_s3_configuration[0].file_extension == ".jsonl.gz")
    error_message = "compression and file extension do not fit"
  }

  assert {
    condition     = aws_cloudwatch_log_group.firehose["firehose"].name == "/aws/kinesisfirehose/changefan" && aws_kinesis_firehose_delivery_stream.this["firehose"].extended_s3_configuration[0].cloudwatch_logging_options[0].enabled
    error_message = "delivery errors are not logged"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.firehose[0].policy).Statement == [
      { Sid = "FindLake", Effect = "Allow", Action = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], Resource = ["arn:aws:s3:::the-lake"] },
      { Sid = "WriteLake", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], Resource = ["arn:aws:s3:::the-lake/firehose/*", "arn:aws:s3:::the-lake/errors/firehose/*"] },
      { Sid = "WriteDeliveryErrors", Effect = "Allow", Action = ["logs:PutLogEvents"], Resource = ["arn:aws:logs:eu-west-1:123456789012:log-group:GROUP:log-stream:*"] },
    ]
    error_message = "found ${jsonencode(jsondecode(aws_iam_role_policy.firehose[0].policy).Statement)}"
  }

  assert {
    condition     = jsondecode(aws_iam_role.firehose[0].assume_role_policy).Statement[0].Condition == { StringEquals = { "sts:ExternalId" = "123456789012" } }
    error_message = "Firehose could be made to use the role for another account"
  }
}

run "uncompressed_objects_say_so" {
  command = plan

  variables {
    sinks                = ["firehose"]
    firehose_compression = "UNCOMPRESSED"
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this["firehose"].extended_s3_configuration[0].file_extension == ".jsonl"
    error_message = "an uncompressed object has a compressed one's name"
  }
}

run "each_sink_may_use_its_destination_only" {
  command = apply

  variables {
    sinks        = ["stdout", "cloudwatch_logs", "firehose", "s3"]
    sink_options = { s3 = { prefix = "audit/" } }
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement if can(regex("Sink", statement.Sid))] == [
      { Sid = "SinkCloudwatchLogsPermission1", Effect = "Allow", Action = ["logs:DescribeLogStreams"], Resource = ["arn:aws:logs:eu-west-1:123456789012:log-group:/changefan/cloudwatch_logs"] },
      { Sid = "SinkCloudwatchLogsPermission2", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["arn:aws:logs:eu-west-1:123456789012:log-group:/changefan/cloudwatch_logs:*"] },
      { Sid = "SinkFirehosePermission1", Effect = "Allow", Action = ["firehose:DescribeDeliveryStream", "firehose:PutRecordBatch"], Resource = ["arn:aws:firehose:eu-west-1:123456789012:deliverystream/changefan"] },
      { Sid = "SinkS3Permission1", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::the-lake/audit/*"] },
      { Sid = "SinkS3Permission2", Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::the-lake"] },
    ]
    error_message = "found ${jsonencode(jsondecode(aws_iam_role_policy.function[0].policy).Statement)}"
  }

  assert {
    condition     = alltrue(flatten([for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : concat([for resource in statement.Resource : startswith(resource, "arn:")], [for action in statement.Action : !strcontains(action, "*")])]))
    error_message = "a statement names no resource, or all actions"
  }
}

run "sinks_not_chosen_are_not_allowed" {
  command = apply

  variables {
    sinks = ["s3"]
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.function[0].policy, "firehose:") && !strcontains(aws_iam_role_policy.function[0].policy, "DescribeLogStreams") && length(aws_iam_role.firehose) == 0
    error_message = "permissions for sinks that were not chosen"
  }

  assert {
    condition     = length(aws_kinesis_firehose_delivery_stream.this) == 0 && length(aws_cloudwatch_log_group.sink) == 0 && length(aws_cloudwatch_log_group.firehose) == 0
    error_message = "destinations for sinks that were not chosen"
  }
}

run "existing_destinations_are_used" {
  command = apply

  variables {
    sinks = ["cloudwatch_logs", "firehose", "s3"]
    sink_options = {
      cloudwatch_logs = { group = "/audit" }
      firehose        = { stream = "lake" }
      s3              = { bucket = "our-lake", prefix = "orders/" }
    }
  }

  assert {
    condition     = keys(aws_s3_bucket.this) == ["failures"] && length(aws_kinesis_firehose_delivery_stream.this) == 0 && length(aws_cloudwatch_log_group.sink) == 0 && length(aws_iam_role.firehose) == 0
    error_message = "a destination was made beside the existing one"
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement.Resource if can(regex("Sink", statement.Sid))] == [
      ["arn:aws:logs:eu-west-1:123456789012:log-group:/audit"],
      ["arn:aws:logs:eu-west-1:123456789012:log-group:/audit:*"],
      ["arn:aws:firehose:eu-west-1:123456789012:deliverystream/lake"],
      ["arn:aws:s3:::our-lake/orders/*"],
      ["arn:aws:s3:::our-lake"],
    ]
    error_message = "found ${jsonencode(jsondecode(aws_iam_role_policy.function[0].policy).Statement)}"
  }

  assert {
    condition     = output.sink_environment.S3_BUCKET == "our-lake" && output.sink_environment.S3_PREFIX == "orders/" && output.sink_environment.FIREHOSE_STREAM == "lake" && output.sink_environment.CLOUDWATCH_LOGS_GROUP == "/audit"
    error_message = "found ${jsonencode(output.sink_environment)}"
  }
}

run "two_of_a_kind_have_their_own_names" {
  command = apply

  variables {
    sinks        = ["s3", "cold-archive:s3", "firehose", "raw:firehose"]
    sink_options = { cold-archive = { prefix = "archive/", format = "debezium" } }
  }

  assert {
    condition = output.sink_environment == {
      SINKS               = "s3,cold-archive:s3,firehose,raw:firehose"
      S3_BUCKET           = "the-lake"
      COLD_ARCHIVE_BUCKET = "the-lake"
      COLD_ARCHIVE_PREFIX = "archive/"
      COLD_ARCHIVE_FORMAT = "debezium"
      FIREHOSE_STREAM     = "changefan"
      FIREHOSE_PACK       = "102400"
      RAW_STREAM          = "changefan-raw"
      RAW_PACK            = "102400"
    }
    error_message = "found ${jsonencode(output.sink_environment)}"
  }

  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement.Sid => statement.Resource if can(regex("^Sink.*(S3|Archive)Permission1", statement.Sid)) } == {
      SinkS3Permission1          = ["arn:aws:s3:::the-lake/changes/*"]
      SinkColdArchivePermission1 = ["arn:aws:s3:::the-lake/archive/*"]
    }
    error_message = "found ${jsonencode(jsondecode(aws_iam_role_policy.function[0].policy).Statement)}"
  }
}

run "custom_sink_gets_options_secrets_and_permissions" {
  command = apply

  variables {
    sinks                   = ["stdout", "alerts:webhook"]
    custom_sink_types       = ["webhook"]
    sink_options            = { alerts = { url = "https://example.com/changes", format = "cloudevents" } }
    environment             = { WEBHOOK_TOKEN_ID = "alerts" }
    extra_policy_statements = [{ actions = ["secretsmanager:GetSecretValue"], resources = ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:alerts-AbCdEf"] }]
  }

  assert {
    condition = output.sink_environment == {
      SINKS         = "stdout,alerts:webhook"
      ALERTS_URL    = "https://example.com/changes"
      ALERTS_FORMAT = "cloudevents"
    } && aws_lambda_function.this.environment[0].variables["WEBHOOK_TOKEN_ID"] == "alerts"
    error_message = "found ${jsonencode(aws_lambda_function.this.environment[0].variables)}"
  }

  assert {
    condition = reverse(jsondecode(aws_iam_role_policy.function[0].policy).Statement)[0] == {
      Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:alerts-AbCdEf"]
    }
    error_message = "the extra statement is not in the policy"
  }
}

run "two_sinks_cannot_share_a_place" {
  command = plan

  variables {
    sinks = ["s3", "archive:s3"]
  }

  expect_failures = [aws_lambda_function.this]
}

run "sink_cannot_write_into_firehose_place" {
  command = plan

  variables {
    sinks        = ["s3", "firehose"]
    sink_options = { s3 = { prefix = "firehose/" } }
  }

  expect_failures = [aws_lambda_function.this]
}

run "package_must_be_there" {
  command = plan

  variables {
    function_zip = "tests/missing.zip"
  }

  expect_failures = [aws_lambda_function.this]
}

run "batch_defaults_with_s3_only_are_largest" {
  command = plan

  variables {
    sinks = ["s3"]
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].batch_size == 10000 && aws_lambda_event_source_mapping.this["main"].maximum_batching_window_in_seconds == 60
    error_message = "found ${aws_lambda_event_source_mapping.this["main"].batch_size} records in ${aws_lambda_event_source_mapping.this["main"].maximum_batching_window_in_seconds} s"
  }
}

run "batch_defaults_with_eventbridge_are_smallest" {
  command = plan

  variables {
    sinks        = ["s3", "eventbridge"]
    sink_options = { eventbridge = { bus = "orders" } }
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].batch_size == 500 && aws_lambda_event_source_mapping.this["main"].maximum_batching_window_in_seconds == 5
    error_message = "found ${aws_lambda_event_source_mapping.this["main"].batch_size} records in ${aws_lambda_event_source_mapping.this["main"].maximum_batching_window_in_seconds} s"
  }
}

run "batch_defaults_with_custom_sink_are_smallest" {
  command = plan

  variables {
    sinks             = ["stdout", "webhook"]
    custom_sink_types = ["webhook"]
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].batch_size == 500
    error_message = "found ${aws_lambda_event_source_mapping.this["main"].batch_size} records"
  }
}

run "eventbridge_may_put_on_its_bus_only" {
  command = apply

  variables {
    sinks        = ["eventbridge"]
    sink_options = { eventbridge = { bus = "orders" } }
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement if strcontains(statement.Sid, "Sink")] == [
      { Sid = "SinkEventbridgePermission1", Effect = "Allow", Action = ["events:DescribeEventBus", "events:PutEvents"], Resource = ["arn:aws:events:eu-west-1:123456789012:event-bus/orders"] },
    ]
    error_message = "found ${aws_iam_role_policy.function[0].policy}"
  }
}

run "eventbridge_without_bus_is_refused" {
  command = plan

  variables {
    sinks = ["eventbridge"]
  }

  expect_failures = [aws_lambda_function.this]
}

run "environment_over_4_kb_is_refused" {
  command = plan

  variables {
    environment = { PADDING = join("", [for n in range(500) : "12345678"]) }
  }

  expect_failures = [aws_lambda_function.this]
}
