# The table that is made when no existing one is given, and what keeps the changes.

variable "table_name" {
  description = "Name of the table made here. An existing table comes by table_stream_arn or existing_table_name."
  type        = string
  default     = "orders"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.table_name))
    error_message = "found table_name = ${jsonencode(var.table_name)}; expected 3 to 255 letters, digits, underscores, dots and hyphens; example: table_name = \"orders\"."
  }
}

variable "hash_key" {
  description = "Partition key of the table made here."
  type        = string
  default     = "referenceId"
  nullable    = false

  validation {
    condition     = length(var.hash_key) >= 1 && length(var.hash_key) <= 255
    error_message = "found hash_key = ${jsonencode(var.hash_key)}; expected an attribute's name of 1 to 255 characters; example: hash_key = \"referenceId\"."
  }
}

variable "hash_key_type" {
  description = "Type of hash_key: S (string), N (number) or B (binary)."
  type        = string
  default     = "S"
  nullable    = false

  validation {
    condition     = contains(["S", "N", "B"], var.hash_key_type)
    error_message = "found hash_key_type = ${jsonencode(var.hash_key_type)}; allowed: \"S\", \"N\", \"B\"."
  }
}

variable "range_key" {
  description = "Sort key of the table made here. null for none."
  type        = string
  default     = null

  validation {
    condition     = var.range_key == null || try(length(var.range_key) >= 1 && length(var.range_key) <= 255 && var.range_key != var.hash_key, false)
    error_message = "found range_key = ${jsonencode(var.range_key)}; expected null or an attribute's name other than hash_key's; example: range_key = \"updatedAt\"."
  }
}

variable "range_key_type" {
  description = "Type of range_key: S (string), N (number) or B (binary)."
  type        = string
  default     = "S"
  nullable    = false

  validation {
    condition     = contains(["S", "N", "B"], var.range_key_type)
    error_message = "found range_key_type = ${jsonencode(var.range_key_type)}; allowed: \"S\", \"N\", \"B\"."
  }
}

variable "stream_view_type" {
  description = "What the stream of the table made here tells of a change. Only NEW_AND_OLD_IMAGES tells what it was before and after."
  type        = string
  default     = "NEW_AND_OLD_IMAGES"
  nullable    = false

  validation {
    condition     = contains(["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"], var.stream_view_type)
    error_message = "found stream_view_type = ${jsonencode(var.stream_view_type)}; allowed: \"NEW_AND_OLD_IMAGES\", \"NEW_IMAGE\", \"OLD_IMAGE\", \"KEYS_ONLY\"."
  }
}

variable "ttl_attribute" {
  description = "Attribute by whose time the table made here deletes items. null for none."
  type        = string
  default     = null

  validation {
    condition     = var.ttl_attribute == null || try(length(var.ttl_attribute) >= 1 && length(var.ttl_attribute) <= 255, false)
    error_message = "found ttl_attribute = ${jsonencode(var.ttl_attribute)}; expected null or an attribute's name; example: ttl_attribute = \"expiresAt\"."
  }
}

variable "point_in_time_recovery" {
  description = "Whether the table made here can be restored to any second of the last 35 days."
  type        = bool
  default     = true
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether the table made here refuses to be deleted."
  type        = bool
  default     = true
  nullable    = false
}

variable "force_destroy" {
  description = "Whether the buckets made here go even when they hold objects. Meant for trials."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key for the buckets, table, queue and Kinesis stream made here. null uses the services' own keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "found kms_key_arn = ${jsonencode(var.kms_key_arn)}; expected a key's ARN, not its alias; example: \"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\"."
  }
}

variable "quarantine" {
  description = "Whether records that cannot be decoded or that a sink never takes are kept in the failures bucket. Without it each fails its batch."
  type        = bool
  default     = true
  nullable    = false
}

variable "lake_expiration_days" {
  description = "Days after which objects leave the lake bucket. null keeps them for ever."
  type        = number
  default     = null

  validation {
    condition     = var.lake_expiration_days == null || try(var.lake_expiration_days >= 1 && floor(var.lake_expiration_days) == var.lake_expiration_days, false)
    error_message = "found lake_expiration_days = ${jsonencode(var.lake_expiration_days)}; expected null or a whole number from 1; example: lake_expiration_days = 2555."
  }
}

variable "failures_expiration_days" {
  description = "Days after which objects leave the failures bucket. null keeps them for ever: they may be a change's only copy."
  type        = number
  default     = null

  validation {
    condition     = var.failures_expiration_days == null || try(var.failures_expiration_days >= 1 && floor(var.failures_expiration_days) == var.failures_expiration_days, false)
    error_message = "found failures_expiration_days = ${jsonencode(var.failures_expiration_days)}; expected null or a whole number from 1; example: failures_expiration_days = 365."
  }
}

variable "noncurrent_version_days" {
  description = "Days that an overwritten or deleted object can still be brought back."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_version_days >= 1 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "found noncurrent_version_days = ${var.noncurrent_version_days}; expected a whole number from 1; example: noncurrent_version_days = 30."
  }
}

variable "firehose_buffering_seconds" {
  description = "Longest that a delivery stream made here gathers changes for an object."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.firehose_buffering_seconds >= 0 && var.firehose_buffering_seconds <= 900 && floor(var.firehose_buffering_seconds) == var.firehose_buffering_seconds
    error_message = "found firehose_buffering_seconds = ${var.firehose_buffering_seconds}; expected a whole number from 0 to 900; example: firehose_buffering_seconds = 300."
  }
}

variable "firehose_buffering_mib" {
  description = "Most MiB that a delivery stream made here gathers for an object, before compression."
  type        = number
  default     = 64
  nullable    = false

  validation {
    condition     = var.firehose_buffering_mib >= 1 && var.firehose_buffering_mib <= 128 && floor(var.firehose_buffering_mib) == var.firehose_buffering_mib
    error_message = "found firehose_buffering_mib = ${var.firehose_buffering_mib}; expected a whole number from 1 to 128; example: firehose_buffering_mib = 64."
  }
}

variable "firehose_compression" {
  description = "Compression of the objects that a delivery stream made here writes: GZIP or UNCOMPRESSED."
  type        = string
  default     = "GZIP"
  nullable    = false

  validation {
    condition     = contains(["GZIP", "UNCOMPRESSED"], var.firehose_compression)
    error_message = "found firehose_compression = ${jsonencode(var.firehose_compression)}; allowed: \"GZIP\", \"UNCOMPRESSED\"."
  }
}
