# What the function reads: the stream of a table, a Kinesis stream, or either through a pipe; of one table or of several.

variable "stream_source" {
  description = "What invokes the function: dynamodb (a mapping of the table's stream), kinesis (a mapping of a Kinesis stream) or pipe (EventBridge Pipes). A change would replace the mapping or pipe, and is refused: see docs/changing.md."
  type        = string
  default     = "dynamodb"
  nullable    = false

  validation {
    condition     = contains(["dynamodb", "kinesis", "pipe"], var.stream_source)
    error_message = "found stream_source = ${jsonencode(var.stream_source)}; allowed: \"dynamodb\", \"kinesis\", \"pipe\"."
  }
}

variable "pipe_source" {
  description = "What a pipe reads: dynamodb (the table's stream) or kinesis (a Kinesis stream). Only with stream_source = \"pipe\"."
  type        = string
  default     = "dynamodb"
  nullable    = false

  validation {
    condition     = contains(["dynamodb", "kinesis"], var.pipe_source)
    error_message = "found pipe_source = ${jsonencode(var.pipe_source)}; allowed: \"dynamodb\", \"kinesis\"."
  }

  validation {
    condition     = var.stream_source == "pipe" || var.pipe_source == "dynamodb"
    error_message = "found pipe_source = ${jsonencode(var.pipe_source)} with stream_source = ${jsonencode(var.stream_source)}, which uses no pipe; set stream_source = \"pipe\", or omit pipe_source."
  }
}

variable "table" {
  description = "Existing table: the ARN of its stream where a table's stream is read, its name where it feeds a Kinesis stream. null creates a table."
  type = object({
    stream_arn = optional(string)
    name       = optional(string)
  })
  default = null

  validation {
    condition     = var.table == null || local.reads == "kinesis" || can(regex(local.table_stream_arn, var.table.stream_arn))
    error_message = "found table = ${jsonencode(var.table)}; expected the ARN of the table's stream (stream_arn, not the table's own ARN); example: table = { stream_arn = \"arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000\" }."
  }

  validation {
    condition     = var.table == null || local.reads == "dynamodb" || can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.table.name))
    error_message = "found table = ${jsonencode(var.table)}; where a Kinesis stream is read, expected the name of the table that feeds it, not an ARN; example: table = { name = \"orders\" }."
  }
}

variable "kinesis_stream" {
  description = "Existing Kinesis stream. null creates one where a Kinesis stream is read. With it and without table, no table is created: the stream has its own producers."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.kinesis_stream == null || can(regex(local.kinesis_stream_arn, var.kinesis_stream.arn))
    error_message = "found kinesis_stream = ${jsonencode(var.kinesis_stream)}; expected the ARN of a data stream; example: kinesis_stream = { arn = \"arn:aws:kinesis:eu-west-1:123456789012:stream/orders-changes\" }."
  }

  validation {
    condition     = var.kinesis_stream == null || local.reads == "kinesis"
    error_message = "found kinesis_stream where a table's stream is read; set stream_source = \"kinesis\", or stream_source = \"pipe\" with pipe_source = \"kinesis\"."
  }
}

variable "tables" {
  description = "Several tables for one function, by key: each has its own mapping or pipe. An attribute that an entry omits has the value of the variable of the same name; table_name defaults to the key. The key main is that of the single-table form."
  type = map(object({
    table                              = optional(object({ stream_arn = optional(string), name = optional(string) }))
    kinesis_stream                     = optional(object({ arn = string }))
    table_name                         = optional(string)
    hash_key                           = optional(string)
    hash_key_type                      = optional(string)
    range_key                          = optional(string)
    range_key_type                     = optional(string)
    ttl_attribute                      = optional(string)
    stream_view_type                   = optional(string)
    enabled                            = optional(bool)
    filter_patterns                    = optional(list(string))
    batch_size                         = optional(number)
    maximum_batching_window_in_seconds = optional(number)
    parallelization_factor             = optional(number)
    tumbling_window_in_seconds         = optional(number)
    starting_position                  = optional(string)
    starting_position_timestamp        = optional(string)
    maximum_retry_attempts             = optional(number)
    maximum_record_age_in_seconds      = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    # 37: a pipe's name, which has the form name-key, has at most 64 characters.
    condition     = alltrue([for key in keys(var.tables) : can(regex("^[a-zA-Z0-9_.-]{1,37}$", key))])
    error_message = "found tables with keys ${jsonencode(keys(var.tables))}; expected 1 to 37 letters, digits, underscores, dots and hyphens; example: tables = { orders = {}, customers = {} }."
  }

  validation {
    condition     = length(var.tables) == 0 || (var.table == null && var.kinesis_stream == null && var.table_name == null)
    error_message = "found tables together with table, kinesis_stream or table_name; expected either the single-table form or tables; example: tables = { main = { table_name = \"orders\" }, customers = {} }."
  }

  validation {
    condition     = local.reads == "kinesis" || alltrue([for entry in values(var.tables) : can(regex(local.table_stream_arn, entry.table.stream_arn)) if entry.table != null])
    error_message = "found an existing table in tables without the ARN of its stream; example: tables = { orders = { table = { stream_arn = \"arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000\" } } }."
  }

  validation {
    condition     = local.reads == "dynamodb" || alltrue([for entry in values(var.tables) : can(regex("^[a-zA-Z0-9_.-]{3,255}$", entry.table.name)) if entry.table != null])
    error_message = "found an existing table in tables without its name, which a Kinesis stream needs; example: tables = { orders = { table = { name = \"orders\" } } }."
  }

  validation {
    condition     = local.reads == "kinesis" || alltrue([for entry in values(var.tables) : entry.kinesis_stream == null])
    error_message = "found kinesis_stream in tables where the tables' streams are read; set stream_source = \"kinesis\", or stream_source = \"pipe\" with pipe_source = \"kinesis\"."
  }

  validation {
    condition     = length(distinct([for key, entry in var.tables : entry.table_name == null ? key : entry.table_name if entry.table == null && entry.kinesis_stream == null])) == length([for key, entry in var.tables : entry.table_name == null ? key : entry.table_name if entry.table == null && entry.kinesis_stream == null])
    error_message = "found tables that share a table_name: ${jsonencode([for key, entry in var.tables : entry.table_name == null ? key : entry.table_name if entry.table == null && entry.kinesis_stream == null])}; expected distinct names; example: tables = { orders = {}, customers = {} }."
  }

  validation {
    condition     = alltrue([for name in [for key, entry in var.tables : entry.table_name == null ? key : entry.table_name if entry.table == null && entry.kinesis_stream == null] : can(regex("^[a-zA-Z0-9_.-]{3,255}$", name))])
    error_message = "found table names ${jsonencode([for key, entry in var.tables : entry.table_name == null ? key : entry.table_name if entry.table == null && entry.kinesis_stream == null])}; expected 3 to 255 letters, digits, underscores, dots and hyphens; example: tables = { orders = { table_name = \"orders-v2\" } }."
  }

  validation {
    condition     = alltrue([for entry in values(var.tables) : entry.batch_size == null || try(entry.batch_size >= 1 && entry.batch_size <= 10000, false)])
    error_message = "found batch_size ${jsonencode([for entry in values(var.tables) : entry.batch_size])} in tables; expected 1 to 10000; example: tables = { orders = { batch_size = 500 } }."
  }

  validation {
    condition     = alltrue([for entry in values(var.tables) : entry.maximum_batching_window_in_seconds == null || try(entry.maximum_batching_window_in_seconds >= 0 && entry.maximum_batching_window_in_seconds <= 300, false)])
    error_message = "found maximum_batching_window_in_seconds ${jsonencode([for entry in values(var.tables) : entry.maximum_batching_window_in_seconds])} in tables; expected 0 to 300; example: tables = { orders = { maximum_batching_window_in_seconds = 5 } }."
  }

  validation {
    # The retention of an existing Kinesis stream is not known at plan.
    condition     = alltrue([for entry in values(var.tables) : entry.kinesis_stream != null || entry.maximum_record_age_in_seconds == null || try(entry.maximum_record_age_in_seconds < local.retention_seconds, false)])
    error_message = "found maximum_record_age_in_seconds ${jsonencode({ for key, entry in var.tables : key => entry.maximum_record_age_in_seconds })} in tables; the stream deletes records after ${local.retention_seconds} s, so an equal or greater age loses them before they reach the failures bucket; example: tables = { orders = { maximum_record_age_in_seconds = 79200 } }."
  }

  validation {
    condition     = alltrue(flatten([for entry in values(var.tables) : [for pattern in coalesce(entry.filter_patterns, []) : can(keys(jsondecode(pattern))) && length(pattern) <= 4096]]))
    error_message = "found filter_patterns ${jsonencode([for entry in values(var.tables) : entry.filter_patterns])} in tables; expected JSON objects of up to 4096 characters; example: tables = { orders = { filter_patterns = [jsonencode({ eventName = [\"INSERT\"] })] } }."
  }

  validation {
    condition     = alltrue([for entry in values(var.tables) : entry.starting_position == null || contains(["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"], coalesce(entry.starting_position, "LATEST"))])
    error_message = "found starting_position ${jsonencode({ for key, entry in var.tables : key => entry.starting_position })} in tables; allowed: \"TRIM_HORIZON\", \"LATEST\", and for a Kinesis stream \"AT_TIMESTAMP\"."
  }

  validation {
    condition = alltrue([for entry in values(var.tables) : coalesce(entry.starting_position, "LATEST") != "AT_TIMESTAMP" || (
    local.reads == "kinesis" && (entry.starting_position_timestamp != null || var.starting_position_timestamp != null))])
    error_message = "found starting_position = \"AT_TIMESTAMP\" in tables for a table's stream or without starting_position_timestamp; DynamoDB Streams supports TRIM_HORIZON and LATEST only; example: starting_position_timestamp = \"2024-01-01T00:00:00Z\"."
  }
}

variable "kinesis_shards" {
  description = "Shards of each Kinesis stream that the module creates. null uses on-demand capacity."
  type        = number
  default     = null

  validation {
    condition     = var.kinesis_shards == null || try(var.kinesis_shards >= 1 && floor(var.kinesis_shards) == var.kinesis_shards, false)
    error_message = "found kinesis_shards = ${jsonencode(var.kinesis_shards)}; expected null (on demand) or a whole number from 1; example: kinesis_shards = 2."
  }
}

variable "kinesis_retention_hours" {
  description = "Retention of each Kinesis stream that the module creates, in hours."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.kinesis_retention_hours >= 24 && var.kinesis_retention_hours <= 8760 && floor(var.kinesis_retention_hours) == var.kinesis_retention_hours
    error_message = "found kinesis_retention_hours = ${var.kinesis_retention_hours}; expected a whole number from 24 to 8760; example: kinesis_retention_hours = 168."
  }
}

variable "enhanced_fan_out" {
  description = "Whether the mapping reads a Kinesis stream through its own consumer (enhanced fan-out), with dedicated throughput."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.enhanced_fan_out || var.stream_source == "kinesis"
    error_message = "found enhanced_fan_out = true with stream_source = ${jsonencode(var.stream_source)}; only a mapping of a Kinesis stream supports it; set stream_source = \"kinesis\", or omit enhanced_fan_out."
  }
}

variable "starting_position" {
  description = "Where a new mapping or pipe starts: TRIM_HORIZON (the oldest record), LATEST, or for Kinesis AT_TIMESTAMP. Used at creation only: a later change has no effect, because a replacement would skip or repeat records."
  type        = string
  default     = "TRIM_HORIZON"
  nullable    = false

  validation {
    condition     = contains(["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"], var.starting_position)
    error_message = "found starting_position = ${jsonencode(var.starting_position)}; allowed: \"TRIM_HORIZON\", \"LATEST\", and for a Kinesis stream \"AT_TIMESTAMP\"."
  }

  validation {
    condition     = var.starting_position != "AT_TIMESTAMP" || (local.reads == "kinesis" && var.starting_position_timestamp != null)
    error_message = "found starting_position = \"AT_TIMESTAMP\" for a table's stream or without starting_position_timestamp; DynamoDB Streams supports TRIM_HORIZON and LATEST only; example: starting_position_timestamp = \"2024-01-01T00:00:00Z\"."
  }
}

variable "starting_position_timestamp" {
  description = "Time from which a new mapping or pipe reads a Kinesis stream with starting_position = \"AT_TIMESTAMP\", in RFC 3339."
  type        = string
  default     = null

  validation {
    condition     = var.starting_position_timestamp == null || can(timeadd(var.starting_position_timestamp, "0s"))
    error_message = "found starting_position_timestamp = ${jsonencode(var.starting_position_timestamp)}; expected a time in RFC 3339; example: starting_position_timestamp = \"2024-01-01T00:00:00Z\"."
  }
}

variable "batch_size" {
  description = "Maximum number of records per batch. null is the smallest recommendation of the chosen sinks: 10000, or 500 with eventbridge or a custom sink. Larger batches make fewer, larger objects."
  type        = number
  default     = null

  validation {
    condition     = var.batch_size == null || try(var.batch_size >= 1 && var.batch_size <= 10000 && floor(var.batch_size) == var.batch_size, false)
    error_message = "found batch_size = ${jsonencode(var.batch_size)}; expected null or a whole number from 1 to 10000; example: batch_size = 500."
  }
}

variable "maximum_batching_window_in_seconds" {
  description = "Maximum time for which Lambda gathers records into a batch, in seconds. null is 5, and 60 where s3 is the only sink type."
  type        = number
  default     = null

  validation {
    condition     = var.maximum_batching_window_in_seconds == null || try(var.maximum_batching_window_in_seconds >= 0 && var.maximum_batching_window_in_seconds <= 300 && floor(var.maximum_batching_window_in_seconds) == var.maximum_batching_window_in_seconds, false)
    error_message = "found maximum_batching_window_in_seconds = ${jsonencode(var.maximum_batching_window_in_seconds)}; expected null or a whole number from 0 to 300; example: maximum_batching_window_in_seconds = 5."
  }
}

variable "parallelization_factor" {
  description = "Batches of one shard that are processed concurrently. Changes of one item stay in order."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = contains([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], var.parallelization_factor)
    error_message = "found parallelization_factor = ${var.parallelization_factor}; expected a whole number from 1 to 10; example: parallelization_factor = 2."
  }
}

variable "maximum_retry_attempts" {
  description = "Retries of a failed batch before it goes to the on-failure destination. -1 retries until maximum_record_age_in_seconds; meanwhile the records behind it wait in their shard. Bisecting a batch uses no retries."
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.maximum_retry_attempts >= -1 && var.maximum_retry_attempts <= 10000 && floor(var.maximum_retry_attempts) == var.maximum_retry_attempts
    error_message = "found maximum_retry_attempts = ${var.maximum_retry_attempts}; expected -1 (retry until maximum_record_age_in_seconds) or a whole number from 0 to 10000. While a record is retried, the records behind it wait in their shard, which the iterator-age alarm reports; a smaller number moves it to the on-failure destination sooner; example: maximum_retry_attempts = 10."
  }
}

variable "maximum_record_age_in_seconds" {
  description = "Age at which a record goes to the on-failure destination. It must be below the stream's retention (24 hours for DynamoDB Streams), after which the record is lost."
  type        = number
  default     = 79200 # 22 hours: leaves two hours to write to the destination
  nullable    = false

  validation {
    condition     = var.maximum_record_age_in_seconds >= 60 && var.maximum_record_age_in_seconds <= 604800 && floor(var.maximum_record_age_in_seconds) == var.maximum_record_age_in_seconds
    error_message = "found maximum_record_age_in_seconds = ${var.maximum_record_age_in_seconds}; expected a whole number from 60 to 604800; example: maximum_record_age_in_seconds = 79200."
  }

  validation {
    condition     = var.kinesis_stream != null || var.maximum_record_age_in_seconds < local.retention_seconds
    error_message = "found maximum_record_age_in_seconds = ${var.maximum_record_age_in_seconds}; the stream deletes records after ${local.retention_seconds} s, so an equal or greater age loses them before they reach the failures bucket; example: maximum_record_age_in_seconds = 79200."
  }
}

variable "tumbling_window_in_seconds" {
  description = "Length of a tumbling window in seconds. 0 uses none. Only for a mapping."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.tumbling_window_in_seconds >= 0 && var.tumbling_window_in_seconds <= 900 && floor(var.tumbling_window_in_seconds) == var.tumbling_window_in_seconds
    error_message = "found tumbling_window_in_seconds = ${var.tumbling_window_in_seconds}; expected a whole number from 0 to 900; example: tumbling_window_in_seconds = 60."
  }

  validation {
    condition     = var.tumbling_window_in_seconds == 0 || var.stream_source != "pipe"
    error_message = "found tumbling_window_in_seconds = ${var.tumbling_window_in_seconds} with stream_source = \"pipe\"; pipes have no tumbling windows; omit it."
  }
}

variable "filter_patterns" {
  description = "Event patterns as JSON. A record that matches none of them is not delivered. [] delivers every record."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for pattern in var.filter_patterns : can(keys(jsondecode(pattern))) && length(pattern) <= 4096])
    error_message = "found filter_patterns = ${jsonencode(var.filter_patterns)}; expected JSON objects of up to 4096 characters; example: filter_patterns = [jsonencode({ eventName = [\"INSERT\", \"MODIFY\"] })]."
  }

  validation {
    # A mapping's quota is 5 and can be raised to 10; a pipe's cannot be raised.
    condition     = length(var.filter_patterns) <= (var.stream_source == "pipe" ? 5 : 10)
    error_message = "found ${length(var.filter_patterns)} filter_patterns; expected up to 10 for a mapping and up to 5 for a pipe; combine some, because the values in a pattern's list are alternatives."
  }
}

variable "mapping_metrics" {
  description = "Whether the mapping publishes the EventCount metrics (records polled, filtered out, invoked, failed), which CloudWatch bills."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.mapping_metrics || var.stream_source != "pipe"
    error_message = "found mapping_metrics = true with stream_source = \"pipe\", which uses no mapping; omit it."
  }
}

locals {
  table_stream_arn   = "^arn:[^:]+:dynamodb:[^:]+:[0-9]{12}:table/[^/]+/stream/.+$"
  kinesis_stream_arn = "^arn:[^:]+:kinesis:[^:]+:[0-9]{12}:stream/[a-zA-Z0-9_.-]+$"

  # DynamoDB Streams: 24 hours. Existing Kinesis streams are not checked.
  retention_seconds = (local.reads == "dynamodb" ? 24 : var.kinesis_retention_hours) * 3600
}
