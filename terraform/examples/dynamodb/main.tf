# A table of its own, whose stream the function reads: changes go to standard output, through Firehose, and to S3.
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
  description = "Path of the function's package. null takes target/lambda/changefan.zip of this checkout."
  type        = string
  default     = null
}

module "changefan" {
  source = "../.."

  name         = "orders-audit"
  function_zip = var.function_zip
  sinks        = ["stdout", "firehose", "s3"]
  sink_options = {
    s3 = { compression = "zstd" }
  }
}

output "table_name" {
  description = "Write here."
  value       = module.changefan.table_name
}

output "lake_bucket" {
  description = "Read here."
  value       = module.changefan.lake_bucket
}
