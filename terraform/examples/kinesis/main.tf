# A table whose changes go through a Kinesis stream, which retains them for a week instead of a day, and through Firehose to S3.
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

module "changefan" {
  source = "../.."

  name          = "orders-kinesis"
  function_zip  = var.function_zip
  stream_source = "kinesis"
  sinks         = ["stdout", "firehose"]

  kinesis_retention_hours       = 168
  maximum_record_age_in_seconds = 561600 # six and a half days
}

output "table_name" {
  description = "Table to write to."
  value       = module.changefan.table_name
}

output "stream_arn" {
  description = "Kinesis stream that carries the changes."
  value       = module.changefan.stream_arn
}

output "lake_bucket" {
  description = "Bucket that receives the objects."
  value       = module.changefan.lake_bucket
}
