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
  name             = "beside-orders"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "referenceId"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "referenceId"
    type = "S"
  }
}

resource "aws_s3_bucket" "lake" {
  bucket_prefix = "beside-lake-"
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
