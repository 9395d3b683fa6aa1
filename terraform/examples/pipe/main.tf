# A table whose stream a pipe reads: it delivers only inserts and modifications, in small batches.
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

  name          = "orders-pipe"
  function_zip  = var.function_zip
  stream_source = "pipe"
  sinks         = ["stdout", "s3"]

  filter_patterns                    = [jsonencode({ eventName = ["INSERT", "MODIFY"] })]
  batch_size                         = 50
  maximum_batching_window_in_seconds = 1
}

output "table_name" {
  description = "Table to write to."
  value       = module.changefan.table_name
}

output "lake_bucket" {
  description = "Bucket that receives the objects."
  value       = module.changefan.lake_bucket
}

output "dead_letter_queue_url" {
  description = "Queue of the batches that were not delivered."
  value       = module.changefan.dead_letter_queue_url
}
