# An audit lake: every change of a new table goes to S3, is kept for seven years, and is queried with SQL.
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

  name                 = "orders-audit"
  function_zip         = var.function_zip
  table_name           = "orders"
  sinks                = ["s3"]
  sink_options         = { s3 = { compression = "zstd" } }
  lake                 = {}
  lake_expiration_days = 2557
  lake_transitions     = [{ days = 90, storage_class = "GLACIER_IR" }]
}

output "table_name" {
  description = "Table to write to."
  value       = module.changefan.table_name
}

output "lake_bucket" {
  description = "Bucket that receives the objects."
  value       = module.changefan.lake_bucket
}
