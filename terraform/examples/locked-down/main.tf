# What a platform team may require: a VPC, a permissions boundary, a customer managed key for everything, Object Lock,
# access logs, JSON logs, tracing, and no write that could replace an object.
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

variable "boundary_arn" {
  description = "ARN of the permissions boundary."
  type        = string
  default     = "arn:aws:iam::aws:policy/PowerUserAccess"
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

# CloudWatch Logs uses the key on its own behalf, the other services through the roles and the deployer.
resource "aws_kms_key" "this" {
  description         = "Everything that orders-locked-down encrypts"
  enable_key_rotation = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "CloudWatchLogs"
        Effect    = "Allow"
        Principal = { Service = "logs.${data.aws_region.current.id}.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
        Resource  = "*"
        Condition = {
          ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:log-group:*" }
        }
      },
    ]
  })
}

module "changefan" {
  source = "../.."

  name                     = "orders-locked-down"
  function_zip             = var.function_zip
  sinks                    = ["s3", "cloudwatch_logs"]
  role_path                = "/platform/"
  permissions_boundary_arn = var.boundary_arn
  resource_accounts        = [data.aws_caller_identity.current.account_id]
  kms_key                  = { arn = aws_kms_key.this.arn }
  vpc_config               = { subnet_ids = [aws_subnet.function.id], security_group_ids = [aws_security_group.function.id] }

  object_lock = {
    lake     = { mode = "COMPLIANCE", years = 7 }
    failures = { mode = "GOVERNANCE", days = 30 }
  }
  deny_unconditional_writes  = true
  access_logs                = { bucket = aws_s3_bucket.access_logs.bucket }
  sink_log_retention_in_days = 2557
  contributor_insights       = true

  alias      = "live"
  tracing    = true
  log_format = "JSON"
}

output "table_name" {
  description = "Table to write to."
  value       = module.changefan.table_name
}

output "lake_bucket" {
  description = "Bucket that receives the objects."
  value       = module.changefan.lake_bucket
}
