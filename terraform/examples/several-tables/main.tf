# Three tables, one function: each table has its own mapping with its own filter, batch and starting position.
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

  name         = "shop"
  function_zip = var.function_zip
  sinks        = ["stdout", "s3"]

  tables = {
    orders = {
      table_name      = "shop-orders"
      filter_patterns = [jsonencode({ eventName = ["INSERT", "MODIFY"] })]
    }
    customers = {
      table_name        = "shop-customers"
      hash_key          = "customerId"
      starting_position = "LATEST"
    }
    readings = {
      table_name     = "shop-readings"
      hash_key       = "sensor"
      range_key      = "at"
      range_key_type = "N"
      batch_size     = 1000
    }
  }
}

output "table_names" {
  description = "Tables to write to, by key."
  value       = module.changefan.table_names
}

output "lake_bucket" {
  description = "Bucket that receives the objects."
  value       = module.changefan.lake_bucket
}
