# Options of the function, its logs and its mapping.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
}

run "package_in_s3_is_used" {
  command = plan

  variables {
    function_zip     = null
    function_package = { bucket = "artifacts", key = "changefan.zip", object_version = "3", source_code_hash = "aGFzaA==" }
  }

  assert {
    condition     = [aws_lambda_function.this.s3_bucket, aws_lambda_function.this.s3_key, aws_lambda_function.this.s3_object_version, aws_lambda_function.this.source_code_hash, aws_lambda_function.this.filename == null] == ["artifacts", "changefan.zip", "3", "aGFzaA==", true]
    error_message = "the package in S3 is not used"
  }
}

run "alias_is_invoked_at_a_published_version" {
  command = apply

  variables {
    alias = "live"
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.this[0].name == "live" && aws_lambda_event_source_mapping.this["main"].function_name == "arn:aws:lambda:eu-west-1:123456789012:function:changefan:live"
    error_message = "the mapping does not invoke the alias"
  }
}

run "layers_and_code_signing_are_set" {
  command = plan

  variables {
    layers                  = ["arn:aws:lambda:eu-west-1:123456789012:layer:ca-bundle:3"]
    code_signing_config_arn = "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0a1b2c3d4e5f6a7b8"
  }

  assert {
    condition     = aws_lambda_function.this.layers == tolist(["arn:aws:lambda:eu-west-1:123456789012:layer:ca-bundle:3"]) && aws_lambda_function.this.code_signing_config_arn == var.code_signing_config_arn
    error_message = "layers or code signing are not set"
  }
}

run "tracing_is_active_and_permitted" {
  command = apply

  variables {
    tracing = true
  }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active" && [for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement if statement.Sid == "SendTraces"] == [{ Sid = "SendTraces", Effect = "Allow", Action = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], Resource = ["*"] }]
    error_message = "found ${aws_iam_role_policy.function[0].policy}"
  }
}

run "endpoints_fips_and_dualstack_are_set" {
  command = plan

  variables {
    use_fips_endpoints      = true
    use_dualstack_endpoints = true
  }

  assert {
    condition     = local.environment["AWS_USE_FIPS_ENDPOINT"] == "true" && local.environment["AWS_USE_DUALSTACK_ENDPOINT"] == "true"
    error_message = "found ${jsonencode(keys(local.environment))}"
  }
}

run "json_logs_have_levels" {
  command = plan

  variables {
    log_format       = "JSON"
    system_log_level = "WARN"
  }

  assert {
    condition     = [aws_lambda_function.this.logging_config[0].log_format, aws_lambda_function.this.logging_config[0].application_log_level, aws_lambda_function.this.logging_config[0].system_log_level] == ["JSON", "INFO", "WARN"]
    error_message = "found ${jsonencode(aws_lambda_function.this.logging_config)}"
  }
}

run "json_logs_that_drop_stdout_are_refused" {
  command = plan

  variables {
    log_format = "JSON"
    log_level  = "warn"
    metrics    = "none"
  }

  expect_failures = [var.log_format]
}

run "json_logs_that_drop_metrics_are_refused" {
  command = plan

  variables {
    sinks      = ["s3"]
    log_format = "JSON"
    log_level  = "warn"
  }

  expect_failures = [var.log_format]
}

run "sink_log_groups_have_their_own_retention" {
  command = plan

  variables {
    sinks                      = ["cloudwatch_logs"]
    sink_log_retention_in_days = 2557
  }

  assert {
    condition     = aws_cloudwatch_log_group.sink["cloudwatch_logs"].retention_in_days == 2557 && aws_cloudwatch_log_group.function.retention_in_days == 30
    error_message = "the retentions are not separate"
  }

  assert {
    condition     = aws_cloudwatch_log_group.sink["cloudwatch_logs"].skip_destroy && aws_cloudwatch_log_group.function.skip_destroy
    error_message = "a log group with changes would be deleted"
  }
}

run "paused_mapping_is_disabled" {
  command = plan

  variables {
    enabled = false
  }

  assert {
    condition     = !aws_lambda_event_source_mapping.this["main"].enabled
    error_message = "the mapping is enabled"
  }
}

run "mapping_metrics_are_counted" {
  command = plan

  variables {
    mapping_metrics = true
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].metrics_config[0].metrics == toset(["EventCount"])
    error_message = "the mapping has no metrics"
  }
}

run "contributor_insights_cover_the_table" {
  command = plan

  variables {
    contributor_insights = true
  }

  assert {
    condition     = aws_dynamodb_contributor_insights.this["main"].table_name == "changefan"
    error_message = "Contributor Insights is off"
  }
}
