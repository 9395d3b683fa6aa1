# A table, a bucket and the module in one configuration: their ARNs are not known until they are created.
# Region, credentials and endpoint come from the environment, as for the module.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

variable "function_zip" {
  description = "Path of the function's deployment package. null is target/lambda/changefan.zip of this checkout."
  type        = string
  default     = null
}

resource "aws_dynamodb_table" "orders" {
  # checkov:skip=CKV_AWS_119:DynamoDB encrypts with its own key; examples/locked-down has a customer managed one
  name             = "beside-orders"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "referenceId"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "referenceId"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_s3_bucket" "lake" {
  # checkov:skip=CKV2_AWS_62:nothing consumes events of this bucket
  # checkov:skip=CKV_AWS_18:access logs need a second bucket; examples/locked-down has one
  # checkov:skip=CKV_AWS_144:replication doubles the cost
  # checkov:skip=CKV_AWS_145:S3 encrypts with its own key; examples/locked-down has a customer managed one
  bucket_prefix = "beside-lake-"
}

resource "aws_s3_bucket_public_access_block" "lake" {
  bucket                  = aws_s3_bucket.lake.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "lake" {
  bucket = aws_s3_bucket.lake.id

  versioning_configuration {
    status = "Enabled"
  }
}

module "changefan" {
  source = "../.."

  name         = "orders-beside"
  function_zip = var.function_zip
  table        = { stream_arn = aws_dynamodb_table.orders.stream_arn }
  sinks        = ["s3"]
  sink_options = { s3 = { bucket = aws_s3_bucket.lake.bucket, prefix = "orders/" } }
}

output "table_name" {
  description = "Table to write to."
  value       = module.changefan.table_name
}

output "lake_bucket" {
  description = "Bucket that receives the objects."
  value       = aws_s3_bucket.lake.bucket
}
