# The function, its environment and its log group.

locals {
  arn          = "arn:${data.aws_partition.current.partition}"
  account      = data.aws_caller_identity.current.account_id
  region       = data.aws_region.current.id
  here         = "${local.region}:${local.account}" # the part of an ARN between the service and the resource
  function_arn = "${local.arn}:lambda:${local.here}:function:${var.name}"

  function_zip = coalesce(var.function_zip, "${path.module}/../target/lambda/changefan.zip")
  reads_zip    = var.function_package == null

  # What the mapping or pipe invokes.
  invoked_arn = var.alias == null ? aws_lambda_function.this.arn : aws_lambda_alias.this[0].arn

  environment = merge(
    {
      SINKS           = join(",", var.sinks)
      METRICS         = var.metrics
      CHANGEFAN_LOG   = var.log_level
      ALLOWED_SOURCES = join(",", distinct(concat(local.sources, var.allowed_sources)))
      # During init, a small function has a full core.
      CONNECT_AT_INIT = "true"
      # Matches the mapping's ReportBatchItemFailures; a pipe always evaluates the response.
      PARTIAL_BATCH_RESPONSE = "true"
    },
    var.quarantine ? { QUARANTINE = "s3://${local.failures_bucket}/${var.quarantine_prefix}" } : {},
    var.use_fips_endpoints ? { AWS_USE_FIPS_ENDPOINT = "true" } : {},
    var.use_dualstack_endpoints ? { AWS_USE_DUALSTACK_ENDPOINT = "true" } : {},
    local.sink_environment,
    var.environment,
  )

  # Lambda measures the variables as a JSON object in UTF-8. Base64 has 4 characters per 3 bytes.
  environment_base64 = base64encode(jsonencode(local.environment))
  environment_bytes  = length(local.environment_base64) / 4 * 3 - (length(local.environment_base64) - length(trim(local.environment_base64, "=")))
}

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_116:streams invoke the function synchronously; the on-failure destination or dead-letter queue keeps what failed
  # checkov:skip=CKV_AWS_50:tracing is the user's choice: variable tracing
  function_name                  = var.name
  description                    = "Fans the changes of ${length(local.captures) == 1 ? "a DynamoDB table" : "${length(local.captures)} DynamoDB tables"} out to ${join(", ", var.sinks)}"
  role                           = local.function_role_arn
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  filename                       = local.reads_zip ? local.function_zip : null
  s3_bucket                      = local.reads_zip ? null : var.function_package.bucket
  s3_key                         = local.reads_zip ? null : var.function_package.key
  s3_object_version              = local.reads_zip ? null : var.function_package.object_version
  source_code_hash               = local.reads_zip ? (fileexists(local.function_zip) ? filebase64sha256(local.function_zip) : null) : var.function_package.source_code_hash
  code_signing_config_arn        = var.code_signing_config_arn
  layers                         = var.layers
  memory_size                    = var.memory_size
  timeout                        = var.timeout
  publish                        = var.alias != null
  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)
  kms_key_arn                    = local.key_arns["environment"]
  tags                           = var.tags

  environment {
    variables = local.environment
  }

  logging_config {
    log_format            = var.log_format
    log_group             = aws_cloudwatch_log_group.function.name
    application_log_level = var.log_format == "JSON" ? upper(var.log_level) : null
    system_log_level      = var.log_format == "JSON" ? var.system_log_level : null
  }

  dynamic "tracing_config" {
    for_each = var.tracing ? ["Active"] : []

    content {
      mode = tracing_config.value
    }
  }

  dynamic "vpc_config" {
    for_each = var.vpc_config == null ? [] : [var.vpc_config]

    content {
      subnet_ids                  = vpc_config.value.subnet_ids
      security_group_ids          = vpc_config.value.security_group_ids
      ipv6_allowed_for_dual_stack = vpc_config.value.ipv6_allowed_for_dual_stack
    }
  }

  dynamic "file_system_config" {
    for_each = var.file_system == null ? [] : [var.file_system]

    content {
      arn              = file_system_config.value.access_point_arn
      local_mount_path = file_system_config.value.local_mount_path
    }
  }

  lifecycle {
    precondition {
      condition     = !local.reads_zip || fileexists(local.function_zip)
      error_message = "found no deployment package at ${local.function_zip}; build the function first, or set function_zip; example: function_zip = \"target/lambda/changefan.zip\"."
    }

    # Two sinks with the same bucket, prefix and changes write the same key: the second would find the first one's object.
    precondition {
      condition     = length(distinct(values(local.sink_locations))) == length(local.sink_locations)
      error_message = "found sinks that share a location in S3: ${jsonencode(local.sink_locations)}; expected one prefix per sink; example: sink_options = { archive = { prefix = \"archive/\" } }."
    }

    precondition {
      condition     = length(local.missing_options) == 0
      error_message = "found sinks without required options: ${jsonencode(local.missing_options)}; the module creates no destination for them; example: sinks = [\"eventbridge\"], sink_options = { eventbridge = { bus = \"orders\" } }."
    }

    precondition {
      condition     = local.environment_bytes <= 4096
      error_message = "found ${local.environment_bytes} bytes of environment variables as JSON; Lambda allows 4096 in total; use fewer or shorter sink_options and environment."
    }
  }

  # Without the permissions, the first invocation would fail.
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_lambda_alias" "this" {
  count = var.alias == null ? 0 : 1

  name             = var.alias
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_338:the retention is the user's choice: variable log_retention_in_days
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = local.key_arns["logs"]
  skip_destroy      = var.keep_log_groups
  tags              = var.tags
}
