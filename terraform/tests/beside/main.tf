# Every variable of the module that takes an existing resource, with the resource in the same root.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

variable "function_zip" {
  description = "Path of the function's deployment package."
  type        = string
}

locals {
  key = { arn = aws_kms_key.all.arn }
}

# The function and its destinations.
module "table" {
  source = "../.."

  name         = "beside-table"
  function_zip = var.function_zip
  table        = { stream_arn = aws_dynamodb_table.orders.stream_arn }
  sinks        = ["s3", "cloudwatch_logs", "firehose", "eventbridge", "file"]
  sink_options = {
    s3              = { bucket = aws_s3_bucket.existing["lake"].bucket }
    cloudwatch_logs = { group = aws_cloudwatch_log_group.audit.name }
    firehose        = { stream = aws_kinesis_firehose_delivery_stream.orders.name }
    eventbridge     = { bus = aws_cloudwatch_event_bus.orders.name }
    file            = { dir = "/mnt/lake" }
  }
  failures_bucket         = { name = aws_s3_bucket.existing["failures"].bucket }
  alarms                  = { topic_arns = [aws_sns_topic.on_call.arn], failures_bucket_events = true }
  existing_roles          = { function = { arn = aws_iam_role.existing["function"].arn } }
  extra_policy_statements = [{ actions = ["sqs:SendMessage"], resources = [aws_sqs_queue.journal.arn] }]
  kms_key                 = local.key
  kms_keys                = { source = local.key }
  vpc_config              = { subnet_ids = [aws_subnet.function.id], security_group_ids = [aws_security_group.function.id] }
  layers                  = [aws_lambda_layer_version.ca_bundle.arn]
  code_signing_config_arn = aws_lambda_code_signing_config.this.arn
  file_system = {
    access_point_arn = aws_efs_access_point.function.arn
    file_system_arn  = aws_efs_file_system.this.arn
    local_mount_path = "/mnt/lake"
  }
}

# What is around the resources that the module creates.
module "kinesis" {
  source = "../.."

  name                     = "beside-kinesis"
  function_package         = { bucket = aws_s3_object.package.bucket, key = aws_s3_object.package.key }
  stream_source            = "kinesis"
  table                    = { name = aws_dynamodb_table.orders.name }
  kinesis_stream           = { arn = aws_kinesis_stream.orders.arn }
  sinks                    = ["firehose"]
  existing_roles           = { firehose = { arn = aws_iam_role.existing["firehose"].arn } }
  permissions_boundary_arn = aws_iam_policy.boundary.arn
  access_logs              = { bucket = aws_s3_bucket.existing["access-logs"].bucket }
  kms_keys                 = { for use in ["buckets", "environment", "firehose", "logs", "pipe", "queue", "source", "stream", "table"] : use => local.key }
  bucket_policies = {
    lake = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.existing["function"].arn }, Action = "s3:GetObject", Resource = "{bucket_arn}/*" }]
    })
  }
}

module "pipe" {
  source = "../.."

  name                   = "beside-pipe"
  function_zip           = var.function_zip
  stream_source          = "pipe"
  table                  = { stream_arn = aws_dynamodb_table.orders.stream_arn }
  existing_roles         = { pipe = { arn = aws_iam_role.existing["pipe"].arn } }
  pipe_policy_statements = [{ actions = ["kms:Decrypt"], resources = [aws_kms_key.all.arn] }]
  kms_key                = local.key
}

module "lake" {
  source = "../.."

  name         = "beside-lake"
  function_zip = var.function_zip
  table        = { stream_arn = aws_dynamodb_table.orders.stream_arn }
  sinks        = ["s3"]
  lake         = { existing_data_bucket = { name = aws_s3_bucket.existing["iceberg"].bucket }, alarm_actions = [aws_sns_topic.on_call.arn] }
  table_export = { bucket = aws_s3_bucket.existing["exports"].bucket }
}

module "lake_of_a_stream" {
  source = "../.."

  name            = "beside-lake-of-a-stream"
  function_zip    = var.function_zip
  stream_source   = "kinesis"
  kinesis_stream  = { arn = aws_kinesis_stream.orders.arn }
  allowed_sources = ["eu-west-1:123456789012:${aws_dynamodb_table.orders.name}"]
  sinks           = ["s3"]
  lake            = {}
}

module "lake_of_tables" {
  source = "../.."

  name         = "beside-lake-of-tables"
  function_zip = var.function_zip
  sinks        = ["s3"]
  lake         = {}
  tables = {
    orders = { table = { stream_arn = aws_dynamodb_table.orders.stream_arn } }
    refund = {}
  }
}

module "tables" {
  source = "../.."

  name         = "beside-tables"
  function_zip = var.function_zip
  tables = {
    orders = { table = { stream_arn = aws_dynamodb_table.orders.stream_arn } }
    refund = {}
  }
}

module "streams" {
  source = "../.."

  name          = "beside-streams"
  function_zip  = var.function_zip
  stream_source = "kinesis"
  tables = {
    orders   = { table = { name = aws_dynamodb_table.orders.name }, kinesis_stream = { arn = aws_kinesis_stream.orders.arn } }
    readings = { kinesis_stream = { arn = aws_kinesis_stream.orders.arn } }
  }
}

# One instance per table in one account.
module "each" {
  source   = "../.."
  for_each = toset(["invoices", "customers"])

  name         = "beside-${each.key}"
  function_zip = var.function_zip
  sinks        = ["stdout", "firehose"]
}

output "created_tables" {
  description = "Names of the tables that the modules created."
  value       = [for instance in values(module.each) : instance.table_name]
}

output "captured" {
  description = "Names of the captured tables, by module and key."
  value = {
    table   = module.table.table_names
    kinesis = module.kinesis.table_names
    pipe    = module.pipe.table_names
    lake    = module.lake.table_names
    tables  = module.tables.table_names
    streams = module.streams.table_names
  }
}
