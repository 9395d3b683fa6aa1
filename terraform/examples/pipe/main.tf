# A table of its own, whose stream a pipe reads: it hands on only what is new or changed, in small batches.
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

  name          = "orders-pipe"
  function_zip  = var.function_zip
  stream_source = "pipe"
  sinks         = ["stdout", "s3"]

  filter_patterns                    = [jsonencode({ eventName = ["INSERT", "MODIFY"] })]
  batch_size                         = 50
  maximum_batching_window_in_seconds = 1
  # A pipe's dead letters hold no records: try for longer before a batch becomes one.
  maximum_retry_attempts = 100
}

output "table_name" {
  description = "Write here."
  value       = module.changefan.table_name
}

output "lake_bucket" {
  description = "Read here."
  value       = module.changefan.lake_bucket
}

output "dead_letter_queue_url" {
  description = "Batches that no try could deliver are told here."
  value       = module.changefan.dead_letter_queue_url
}
