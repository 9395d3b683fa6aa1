# The smallest deployment: a table, and a function that logs its changes.
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

  function_zip = var.function_zip
}

output "table_name" {
  description = "Table to write to."
  value       = module.changefan.table_name
}

output "log_group" {
  description = "Log group that receives the changes."
  value       = module.changefan.log_group
}
