# The table that the module creates when no existing one is given, and the buckets that keep changes and failures.

variable "table_name" {
  description = "Name of the table that the module creates. null is the value of name. An existing table is given by table."
  type        = string
  default     = null

  validation {
    condition     = var.table_name == null || can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.table_name))
    error_message = "found table_name = ${jsonencode(var.table_name)}; expected 3 to 255 letters, digits, underscores, dots and hyphens; example: table_name = \"orders\"."
  }
}

variable "hash_key" {
  description = "Partition key of the table that the module creates."
  type        = string
  default     = "referenceId"
  nullable    = false

  validation {
    condition     = length(var.hash_key) >= 1 && length(var.hash_key) <= 255
    error_message = "found hash_key = ${jsonencode(var.hash_key)}; expected an attribute name of 1 to 255 characters; example: hash_key = \"referenceId\"."
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
  description = "Sort key of the table that the module creates. null for none."
  type        = string
  default     = null

  validation {
    condition     = var.range_key == null || try(length(var.range_key) >= 1 && length(var.range_key) <= 255 && var.range_key != var.hash_key, false)
    error_message = "found range_key = ${jsonencode(var.range_key)}; expected null or an attribute name other than hash_key's; example: range_key = \"updatedAt\"."
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
  description = "Images in the stream of the table that the module creates. Only NEW_AND_OLD_IMAGES carries the item before and after the change. A change would replace the stream, and is refused: see docs/changing.md."
  type        = string
  default     = "NEW_AND_OLD_IMAGES"
  nullable    = false

  validation {
    condition     = contains(["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"], var.stream_view_type)
    error_message = "found stream_view_type = ${jsonencode(var.stream_view_type)}; allowed: \"NEW_AND_OLD_IMAGES\", \"NEW_IMAGE\", \"OLD_IMAGE\", \"KEYS_ONLY\"."
  }
}

variable "ttl_attribute" {
  description = "Time-to-live attribute of the table that the module creates. null for none."
  type        = string
  default     = null

  validation {
    condition     = var.ttl_attribute == null || try(length(var.ttl_attribute) >= 1 && length(var.ttl_attribute) <= 255, false)
    error_message = "found ttl_attribute = ${jsonencode(var.ttl_attribute)}; expected null or an attribute name; example: ttl_attribute = \"expiresAt\"."
  }
}

variable "point_in_time_recovery" {
  description = "Whether the table that the module creates has point-in-time recovery, for 35 days."
  type        = bool
  default     = true
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether the table that the module creates has deletion protection."
  type        = bool
  default     = true
  nullable    = false
}

variable "contributor_insights" {
  description = "Whether CloudWatch Contributor Insights is on for the table that the module creates."
  type        = bool
  default     = false
  nullable    = false
}

variable "table_export" {
  description = "Full export of every table with point-in-time recovery to S3, for `changefan backfill`. bucket defaults to the lake bucket that the module creates. create = false only grants access to exports that were taken otherwise."
  type = object({
    bucket = optional(string)
    prefix = optional(string, "table-exports/")
    create = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.table_export == null || can(regex("^[^/].*/$", var.table_export.prefix))
    error_message = "found table_export.prefix = ${jsonencode(try(var.table_export.prefix, null))}; expected a prefix that ends with a slash and does not begin with one; example: prefix = \"table-exports/\"."
  }

  validation {
    condition     = var.table_export == null || local.creates_lake || try(var.table_export.bucket != null, false)
    error_message = "found table_export without a bucket where the module creates no lake bucket; example: table_export = { bucket = \"my-exports\" }."
  }
}

variable "force_destroy" {
  description = "Whether buckets that the module creates are deleted together with their objects. For trials only."
  type        = bool
  default     = false
  nullable    = false
}

variable "quarantine" {
  description = "Whether records that cannot be decoded, or that a sink never accepts, are kept in the failures bucket. Without it, each of them fails its batch."
  type        = bool
  default     = true
  nullable    = false
}

variable "quarantine_prefix" {
  description = "Prefix of the quarantine's keys in the failures bucket. date=YYYY-MM-DD/sink=NAME/ follows it."
  type        = string
  default     = "quarantine/"
  nullable    = false

  validation {
    condition     = can(regex("^[^/].*/$", var.quarantine_prefix)) && !startswith(var.quarantine_prefix, "aws/lambda/")
    error_message = "found quarantine_prefix = ${jsonencode(var.quarantine_prefix)}; expected a prefix that ends with a slash, does not begin with one, and is not below aws/lambda/, where failed batches are kept; example: quarantine_prefix = \"quarantine/\"."
  }
}

variable "failures_bucket" {
  description = "Existing bucket for failed batches and quarantined records. null creates one where it is needed."
  type        = object({ name = string })
  default     = null
}

variable "lake_expiration_days" {
  description = "Days after which objects of the sinks and exports in the lake bucket expire. null keeps them forever."
  type        = number
  default     = null

  validation {
    condition     = var.lake_expiration_days == null || try(var.lake_expiration_days >= 1 && floor(var.lake_expiration_days) == var.lake_expiration_days, false)
    error_message = "found lake_expiration_days = ${jsonencode(var.lake_expiration_days)}; expected null or a whole number from 1; example: lake_expiration_days = 2555."
  }
}

variable "lake_transitions" {
  description = "Storage classes to which objects of the sinks and exports in the lake bucket move, with their age in days."
  type        = list(object({ days = number, storage_class = string }))
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for transition in var.lake_transitions : transition.days >= 0 && contains(
    ["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"], transition.storage_class)])
    error_message = "found lake_transitions = ${jsonencode(var.lake_transitions)}; expected days from 0 and a storage class out of STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, DEEP_ARCHIVE; example: lake_transitions = [{ days = 90, storage_class = \"GLACIER_IR\" }]."
  }
}

variable "failures_expiration_days" {
  description = "Days after which objects in the failures bucket expire. null keeps them forever, because they may be the only copy of a change."
  type        = number
  default     = null

  validation {
    condition     = var.failures_expiration_days == null || try(var.failures_expiration_days >= 1 && floor(var.failures_expiration_days) == var.failures_expiration_days, false)
    error_message = "found failures_expiration_days = ${jsonencode(var.failures_expiration_days)}; expected null or a whole number from 1; example: failures_expiration_days = 365."
  }
}

variable "noncurrent_version_days" {
  description = "Days for which an overwritten or deleted object can be restored."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_version_days >= 1 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "found noncurrent_version_days = ${var.noncurrent_version_days}; expected a whole number from 1; example: noncurrent_version_days = 30."
  }
}

variable "object_lock" {
  description = "Default Object Lock retention of the buckets that the module creates, by bucket (lake, failures): a mode (GOVERNANCE or COMPLIANCE), and days or years."
  type = map(object({
    mode  = string
    days  = optional(number)
    years = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.object_lock), ["lake", "failures"])) == 0
    error_message = "found object_lock for ${jsonencode(keys(var.object_lock))}; allowed: lake, failures; example: object_lock = { lake = { mode = \"GOVERNANCE\", days = 365 } }."
  }

  validation {
    condition     = alltrue([for lock in values(var.object_lock) : contains(["GOVERNANCE", "COMPLIANCE"], lock.mode) && (lock.days == null) != (lock.years == null)])
    error_message = "found object_lock = ${jsonencode(var.object_lock)}; expected a mode GOVERNANCE or COMPLIANCE and either days or years; example: object_lock = { lake = { mode = \"GOVERNANCE\", days = 365 } }."
  }
}

variable "access_logs" {
  description = "Existing bucket for the server access logs of the buckets that the module creates. prefix is followed by lake/ or failures/."
  type = object({
    bucket = string
    prefix = optional(string, "")
  })
  default = null
}
