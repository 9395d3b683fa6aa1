# What the function listens to: a table's stream, a Kinesis stream, or either through a pipe.

variable "stream_source" {
  description = "What hands changes to the function: dynamodb (the table's stream), kinesis (a Kinesis stream) or pipe (EventBridge Pipes)."
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
    error_message = "found pipe_source = ${jsonencode(var.pipe_source)} with stream_source = ${jsonencode(var.stream_source)}, where there is no pipe; set stream_source = \"pipe\", or leave pipe_source out."
  }
}

variable "table_stream_arn" {
  description = "ARN of an existing table's stream. null makes a table."
  type        = string
  default     = null

  validation {
    condition     = var.table_stream_arn == null || can(regex("^arn:[^:]+:dynamodb:[^:]+:[0-9]{12}:table/[^/]+/stream/.+$", var.table_stream_arn))
    error_message = "found table_stream_arn = ${jsonencode(var.table_stream_arn)}; expected the ARN of a table's stream (latest_stream_arn, not the table's own); example: \"arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000\"."
  }

  validation {
    condition     = var.table_stream_arn == null || local.reads == "dynamodb"
    error_message = "found table_stream_arn where a Kinesis stream is read; name the table in existing_table_name instead, or read its stream with stream_source = \"dynamodb\"."
  }
}

variable "existing_table_name" {
  description = "Existing table whose changes flow into the Kinesis stream. Only where a Kinesis stream is read."
  type        = string
  default     = null

  validation {
    condition     = var.existing_table_name == null || can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.existing_table_name))
    error_message = "found existing_table_name = ${jsonencode(var.existing_table_name)}; expected a table's name, not its ARN; example: existing_table_name = \"orders\"."
  }

  validation {
    condition     = var.existing_table_name == null || local.reads == "kinesis"
    error_message = "found existing_table_name where a table's stream is read; give that stream's ARN as table_stream_arn instead, or set stream_source = \"kinesis\"."
  }
}

variable "kinesis_stream_arn" {
  description = "ARN of an existing Kinesis stream. null makes one. With it and no existing_table_name, no table is touched."
  type        = string
  default     = null

  validation {
    condition     = var.kinesis_stream_arn == null || can(regex("^arn:[^:]+:kinesis:[^:]+:[0-9]{12}:stream/[a-zA-Z0-9_.-]+$", var.kinesis_stream_arn))
    error_message = "found kinesis_stream_arn = ${jsonencode(var.kinesis_stream_arn)}; expected a data stream's ARN; example: \"arn:aws:kinesis:eu-west-1:123456789012:stream/orders-changes\"."
  }

  validation {
    condition     = var.kinesis_stream_arn == null || local.reads == "kinesis"
    error_message = "found kinesis_stream_arn where a table's stream is read; set stream_source = \"kinesis\", or stream_source = \"pipe\" with pipe_source = \"kinesis\"."
  }
}

variable "kinesis_shards" {
  description = "Shards of the Kinesis stream made here. null has it scale on demand."
  type        = number
  default     = null

  validation {
    condition     = var.kinesis_shards == null || try(var.kinesis_shards >= 1 && floor(var.kinesis_shards) == var.kinesis_shards, false)
    error_message = "found kinesis_shards = ${jsonencode(var.kinesis_shards)}; expected null (on demand) or a whole number from 1; example: kinesis_shards = 2."
  }
}

variable "kinesis_retention_hours" {
  description = "Hours that the Kinesis stream made here keeps its records."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.kinesis_retention_hours >= 24 && var.kinesis_retention_hours <= 8760 && floor(var.kinesis_retention_hours) == var.kinesis_retention_hours
    error_message = "found kinesis_retention_hours = ${var.kinesis_retention_hours}; expected a whole number from 24 to 8760; example: kinesis_retention_hours = 168."
  }
}

variable "starting_position" {
  description = "Where a new trigger begins: TRIM_HORIZON (the oldest record, so that none is missed) or LATEST."
  type        = string
  default     = "TRIM_HORIZON"
  nullable    = false

  validation {
    condition     = contains(["TRIM_HORIZON", "LATEST"], var.starting_position)
    error_message = "found starting_position = ${jsonencode(var.starting_position)}; allowed: \"TRIM_HORIZON\", \"LATEST\"."
  }
}

variable "batch_size" {
  description = "Most records of a batch. Fuller batches make fewer, larger objects."
  type        = number
  default     = 500
  nullable    = false

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10000 && floor(var.batch_size) == var.batch_size
    error_message = "found batch_size = ${var.batch_size}; expected a whole number from 1 to 10000; example: batch_size = 500."
  }
}

variable "maximum_batching_window_in_seconds" {
  description = "Longest wait for a batch to fill."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.maximum_batching_window_in_seconds >= 0 && var.maximum_batching_window_in_seconds <= 300 && floor(var.maximum_batching_window_in_seconds) == var.maximum_batching_window_in_seconds
    error_message = "found maximum_batching_window_in_seconds = ${var.maximum_batching_window_in_seconds}; expected a whole number from 0 to 300; example: maximum_batching_window_in_seconds = 5."
  }
}

variable "parallelization_factor" {
  description = "Batches of one shard handled at a time. Changes of one item stay in order."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = contains([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], var.parallelization_factor)
    error_message = "found parallelization_factor = ${var.parallelization_factor}; expected a whole number from 1 to 10; example: parallelization_factor = 2."
  }
}

variable "maximum_retry_attempts" {
  description = "Tries after the first before a batch goes to the on-failure destination. Splitting a batch uses up none."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.maximum_retry_attempts >= 0 && var.maximum_retry_attempts <= 10000 && floor(var.maximum_retry_attempts) == var.maximum_retry_attempts
    error_message = "found maximum_retry_attempts = ${var.maximum_retry_attempts}; expected a whole number from 0 to 10000 (endless retries, -1, would end with the stream dropping the record); example: maximum_retry_attempts = 10."
  }
}

variable "maximum_record_age_in_seconds" {
  description = "Age at which a record goes to the on-failure destination. Keep it below the stream's retention (24 h), which drops records for good."
  type        = number
  default     = 79200 # 22 h: two hours for the destination before the stream forgets
  nullable    = false

  validation {
    condition     = var.maximum_record_age_in_seconds >= 60 && var.maximum_record_age_in_seconds <= 604800 && floor(var.maximum_record_age_in_seconds) == var.maximum_record_age_in_seconds
    error_message = "found maximum_record_age_in_seconds = ${var.maximum_record_age_in_seconds}; expected a whole number from 60 to 604800; example: maximum_record_age_in_seconds = 79200."
  }

  validation {
    # What an existing Kinesis stream keeps is not known here.
    condition     = var.kinesis_stream_arn != null || var.maximum_record_age_in_seconds < (local.reads == "dynamodb" ? 24 : var.kinesis_retention_hours) * 3600
    error_message = "found maximum_record_age_in_seconds = ${var.maximum_record_age_in_seconds}; the stream drops records after ${(local.reads == "dynamodb" ? 24 : var.kinesis_retention_hours) * 3600}, before that age could save them; example: maximum_record_age_in_seconds = 79200."
  }
}

variable "tumbling_window_in_seconds" {
  description = "Length of a tumbling window, 0 for none. Only for a mapping."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.tumbling_window_in_seconds >= 0 && var.tumbling_window_in_seconds <= 900 && floor(var.tumbling_window_in_seconds) == var.tumbling_window_in_seconds
    error_message = "found tumbling_window_in_seconds = ${var.tumbling_window_in_seconds}; expected a whole number from 0 to 900; example: tumbling_window_in_seconds = 60."
  }

  validation {
    condition     = var.tumbling_window_in_seconds == 0 || var.stream_source != "pipe"
    error_message = "found tumbling_window_in_seconds = ${var.tumbling_window_in_seconds} with stream_source = \"pipe\"; pipes have no tumbling windows; leave it out."
  }
}

variable "filter_patterns" {
  description = "Event patterns, as JSON; a record that matches none never reaches the function. [] lets all through."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for pattern in var.filter_patterns : can(keys(jsondecode(pattern))) && length(pattern) <= 4096])
    error_message = "found filter_patterns = ${jsonencode(var.filter_patterns)}; each is a JSON object of up to 4096 characters; example: filter_patterns = [jsonencode({ eventName = [\"INSERT\", \"MODIFY\"] })]."
  }

  validation {
    # A mapping's quota is 5 and can be raised to 10; a pipe's cannot.
    condition     = length(var.filter_patterns) <= (var.stream_source == "pipe" ? 5 : 10)
    error_message = "found ${length(var.filter_patterns)} filter_patterns; a mapping takes up to 10, a pipe up to 5; join some: the values in a pattern's list are alternatives."
  }
}
