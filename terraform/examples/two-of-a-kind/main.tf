# Two sinks of one type: rows for queries, and an archive in Debezium's format under a separate prefix.
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

  name         = "orders-twice"
  function_zip = var.function_zip
  sinks        = ["s3", "archive:s3"]
  sink_options = {
    archive = { prefix = "archive/", format = "debezium", compression = "zstd" }
  }
}

output "table_name" {
  description = "Table to write to."
  value       = module.changefan.table_name
}

output "lake_bucket" {
  description = "Bucket that receives the objects."
  value       = module.changefan.lake_bucket
}
