# Roles, permissions, keys and bucket policies.

variable "existing_roles" {
  description = "Existing roles to use instead of creating them, by user (function, firehose, pipe). The output role_policies contains the permissions that each needs."
  type        = map(object({ arn = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.existing_roles), ["function", "firehose", "pipe"])) == 0
    error_message = "found existing_roles for ${jsonencode(keys(var.existing_roles))}; allowed: function, firehose, pipe; example: existing_roles = { function = { arn = \"arn:aws:iam::123456789012:role/audit\" } }."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that bounds the permissions of every role that the module creates."
  type        = string
  default     = null
}

variable "role_path" {
  description = "Path of the roles that the module creates."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.role_path))
    error_message = "found role_path = ${jsonencode(var.role_path)}; expected a path that begins and ends with a slash; example: role_path = \"/platform/\"."
  }
}

variable "extra_policy_statements" {
  description = "Additional permissions of the function's role, for example for a custom sink."
  type = list(object({
    actions   = list(string)
    resources = list(string)
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for statement in var.extra_policy_statements : length(statement.actions) > 0 && length(statement.resources) > 0])
    error_message = "found an entry of extra_policy_statements without actions or without resources; example: extra_policy_statements = [{ actions = [\"sqs:SendMessage\"], resources = [\"arn:aws:sqs:eu-west-1:123456789012:changes\"] }]."
  }
}

variable "pipe_policy_statements" {
  description = "Additional permissions of the pipe's role."
  type = list(object({
    actions   = list(string)
    resources = list(string)
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for statement in var.pipe_policy_statements : length(statement.actions) > 0 && length(statement.resources) > 0])
    error_message = "found an entry of pipe_policy_statements without actions or without resources; example: pipe_policy_statements = [{ actions = [\"kms:Decrypt\"], resources = [\"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\"] }]."
  }

  validation {
    condition     = length(var.pipe_policy_statements) == 0 || var.stream_source == "pipe"
    error_message = "found pipe_policy_statements with stream_source = ${jsonencode(var.stream_source)}, which uses no pipe; set stream_source = \"pipe\", or omit them."
  }
}

variable "resource_accounts" {
  description = "Accounts that own the buckets in use. If set, every S3 permission has the condition aws:ResourceAccount, so that a bucket of the same name in another account receives nothing."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for account in var.resource_accounts : can(regex("^[0-9]{12}$", account))])
    error_message = "found resource_accounts = ${jsonencode(var.resource_accounts)}; expected account ids of 12 digits; example: resource_accounts = [\"123456789012\"]."
  }
}

variable "kms_key" {
  description = "Customer managed KMS key for everything encrypted that the module creates. Its key policy must allow CloudWatch Logs: see examples/locked-down. null uses the services' own keys."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.kms_key == null || can(regex(local.kms_key_arn, var.kms_key.arn))
    error_message = "found kms_key = ${jsonencode(var.kms_key)}; expected the ARN of a key, not of an alias; example: kms_key = { arn = \"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\" }."
  }
}

variable "kms_keys" {
  description = "Customer managed KMS keys by use, instead of kms_key: buckets (also the key of existing buckets), environment, firehose, logs, pipe, queue, stream, table; and source, the key of an existing table or Kinesis stream, which the reader needs to decrypt its records."
  type        = map(object({ arn = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.kms_keys), local.key_uses)) == 0
    error_message = "found kms_keys for ${jsonencode(keys(var.kms_keys))}; allowed: ${join(", ", local.key_uses)}; example: kms_keys = { source = { arn = \"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\" } }."
  }

  validation {
    condition     = alltrue([for key in values(var.kms_keys) : can(regex(local.kms_key_arn, key.arn))])
    error_message = "found kms_keys = ${jsonencode(var.kms_keys)}; expected ARNs of keys, not of aliases; example: kms_keys = { logs = { arn = \"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\" } }."
  }
}

variable "deny_unconditional_writes" {
  description = "Whether the bucket policies deny writes without the header If-None-Match below the prefixes of s3 sinks and of the quarantine, so that no object there is overwritten."
  type        = bool
  default     = false
  nullable    = false
}

variable "bucket_policies" {
  description = "Policy documents as JSON whose statements are added to the policies of the buckets that the module creates, by bucket (lake, failures). {bucket_arn} is replaced by the bucket's ARN."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.bucket_policies), ["lake", "failures"])) == 0
    error_message = "found bucket_policies for ${jsonencode(keys(var.bucket_policies))}; allowed: lake, failures; example: bucket_policies = { lake = data.aws_iam_policy_document.readers.json }."
  }

  validation {
    condition     = alltrue([for document in values(var.bucket_policies) : can(jsondecode(document).Statement)])
    error_message = "found bucket_policies = ${jsonencode(var.bucket_policies)}; expected policy documents with a Statement, as JSON; example: bucket_policies = { lake = data.aws_iam_policy_document.readers.json }."
  }
}

locals {
  kms_key_arn = "^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$"
  key_uses    = ["buckets", "environment", "firehose", "logs", "pipe", "queue", "source", "stream", "table"]
}
