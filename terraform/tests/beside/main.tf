# Every existing resource that the module accepts, in the same root: none of their ARNs is known at plan.

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

resource "aws_dynamodb_table" "orders" {
  name             = "beside-orders"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_kinesis_stream" "orders" {
  name        = "beside-orders"
  shard_count = 1
}

resource "aws_s3_bucket" "lake" {
  bucket_prefix = "beside-lake-"
}

resource "aws_s3_bucket" "failures" {
  bucket_prefix = "beside-failures-"
}

resource "aws_cloudwatch_log_group" "audit" {
  name_prefix = "/beside/audit/"
}

resource "aws_kms_key" "all" {
  description = "Key of everything"
}

resource "aws_iam_role" "function" {
  name_prefix = "beside-function-"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

module "table" {
  source = "../.."

  name            = "beside-table"
  function_zip    = var.function_zip
  table           = { stream_arn = aws_dynamodb_table.orders.stream_arn }
  sinks           = ["s3", "cloudwatch_logs"]
  sink_options    = { s3 = { bucket = aws_s3_bucket.lake.bucket }, cloudwatch_logs = { group = aws_cloudwatch_log_group.audit.name } }
  failures_bucket = { name = aws_s3_bucket.failures.bucket }
  existing_roles  = { function = { arn = aws_iam_role.function.arn } }
  kms_key         = { arn = aws_kms_key.all.arn }
  kms_keys        = { source = { arn = aws_kms_key.all.arn } }
}

module "kinesis" {
  source = "../.."

  name           = "beside-kinesis"
  function_zip   = var.function_zip
  stream_source  = "kinesis"
  table          = { name = aws_dynamodb_table.orders.name }
  kinesis_stream = { arn = aws_kinesis_stream.orders.arn }
  kms_key        = { arn = aws_kms_key.all.arn }
}

module "pipe" {
  source = "../.."

  name          = "beside-pipe"
  function_zip  = var.function_zip
  stream_source = "pipe"
  table         = { stream_arn = aws_dynamodb_table.orders.stream_arn }
  kms_key       = { arn = aws_kms_key.all.arn }
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
  description = "Names of the captured tables, by module."
  value       = { table = module.table.table_name, kinesis = module.kinesis.table_name, pipe = module.pipe.table_name }
}
