# The function, its configuration and its log group.

locals {
  arn = "arn:${data.aws_partition.current.partition}"
  # The parts of an ARN between the service and the resource.
  here         = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  function_zip = coalesce(var.function_zip, "${path.module}/../target/lambda/changefan.zip")

  environment = merge(
    {
      SINKS         = join(",", var.sinks)
      CHANGEFAN_LOG = var.log_level
      # A small function has a whole core only while it starts.
      CONNECT_AT_INIT = "true"
      # Goes with the mapping's ReportBatchItemFailures; a pipe always reads the reply.
      PARTIAL_BATCH_RESPONSE = "true"
    },
    var.quarantine ? { QUARANTINE = "s3://${aws_s3_bucket.this["failures"].bucket}/${local.quarantine_prefix}" } : {},
    local.sink_environment,
    var.environment,
  )
}

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

resource "aws_lambda_function" "this" {
  function_name                  = var.name
  description                    = "Fans the changes of a DynamoDB table out to ${join(", ", var.sinks)}"
  role                           = aws_iam_role.function.arn
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  filename                       = local.function_zip
  source_code_hash               = fileexists(local.function_zip) ? filebase64sha256(local.function_zip) : null
  memory_size                    = var.memory_size
  timeout                        = var.timeout
  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)
  tags                           = var.tags

  environment {
    variables = local.environment
  }

  # Text: the function writes JSON lines of its own.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  lifecycle {
    precondition {
      condition     = fileexists(local.function_zip)
      error_message = "found no package at ${local.function_zip}; build the function first, or say where its package is; example: function_zip = \"target/lambda/changefan.zip\"."
    }

    # Same bucket, prefix and changes make the same key: the second sink would find its object already there.
    precondition {
      condition     = length(distinct(values(local.sink_locations))) == length(local.sink_locations)
      error_message = "found sinks that share a place in S3: ${jsonencode(local.sink_locations)}; give each its own prefix; example: sink_options = { archive = { prefix = \"archive/\" } }."
    }
  }

  # Permissions first, or the first invocation can run without them.
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_in_days
  tags              = var.tags
}
