# The lake: SQL over the history and the state of the captured tables.

variable "lake" {
  description = "SQL over the objects of an s3 sink with format = \"rows\": a Glue database, Athena workgroups and queries, and an Iceberg table that a schedule merges the changes into. null creates none of it. Its four alarms and one custom metric cost about $0.70 per month. README.md lists the attributes."
  type = object({
    sink               = optional(string)                 # sink whose objects are read; null is the only s3 sink with rows
    database           = optional(string)                 # name of the Glue database; null is derived from name
    since              = optional(string, "2023-01-01")   # first date of the landing objects that is read
    state              = optional(bool)                   # whether to create the state queries; null derives it from the sources
    schedule           = optional(string, "rate(1 hour)") # when changes are merged
    schedule_enabled   = optional(bool, true)             # false merges only when something else starts the state machine
    window_days        = optional(number, 1)              # days before the last merge that each merge covers again
    unmerged_days      = optional(number, 30)             # days in which late changes are looked for, once per day
    snapshot_days      = optional(number, 7)              # age at which VACUUM removes snapshots of the Iceberg table
    scan_limit_gb      = optional(number, 100)            # data that one query of a person may scan
    query_results_days = optional(number, 30)             # days for which query results are kept
    # hours without a successful run after which the alarm lake_stalled fires, up to 168. null is three periods of a rate
    # expression, and at least 3; a cron expression requires it. A new deployment's alarm can fire until its first run succeeds
    stalled_after_hours  = optional(number)
    alarm_actions        = optional(list(string))              # ARNs that the lake's alarms notify; null is alarms.topic_arns
    existing_data_bucket = optional(object({ name = string })) # bucket for Iceberg's files and query results; null creates one
  })
  default = null

  validation {
    condition     = var.lake == null || length(local.row_sinks) > 0
    error_message = "found lake without an s3 sink that writes format = \"rows\", in sinks = ${jsonencode(var.sinks)}; expected one, because the lake reads its objects; example: sinks = [\"s3\"]."
  }

  validation {
    condition     = var.lake == null || length(local.row_sinks) == 0 || (try(var.lake.sink, null) == null ? length(local.row_sinks) == 1 : contains(local.row_sinks, coalesce(try(var.lake.sink, null), "-")))
    error_message = "found lake.sink = ${jsonencode(try(var.lake.sink, null))}; expected one of the s3 sinks with format = \"rows\": ${join(", ", local.row_sinks)}; example: lake = { sink = \"${try(local.row_sinks[0], "s3")}\" }."
  }

  validation {
    condition     = try(var.lake.database, null) == null || can(regex("^[a-z][a-z0-9_]{0,127}$", var.lake.database))
    error_message = "found lake.database = ${jsonencode(try(var.lake.database, null))}; expected lowercase letters, digits and underscores, starting with a letter; example: lake = { database = \"orders_audit\" }."
  }

  validation {
    condition     = var.lake == null || can(formatdate("YYYY-MM-DD", "${var.lake.since}T00:00:00Z"))
    error_message = "found lake.since = ${jsonencode(try(var.lake.since, null))}; expected a date; example: lake = { since = \"2024-01-31\" }."
  }

  validation {
    condition     = var.lake == null || can(regex("^(rate\\([1-9][0-9]* (minute|hour|day)s?\\)|cron\\(.+\\))$", var.lake.schedule))
    error_message = "found lake.schedule = ${jsonencode(try(var.lake.schedule, null))}; expected a rate or cron expression of EventBridge Scheduler; example: lake = { schedule = \"rate(1 hour)\" }."
  }

  validation {
    # A window, with the day of the merge, fits one statement: Athena writes at most 100 partitions, and 30 days are merged at once.
    condition     = var.lake == null || try(var.lake.window_days >= 0 && var.lake.window_days <= 28 && floor(var.lake.window_days) == var.lake.window_days, false)
    error_message = "found lake.window_days = ${jsonencode(try(var.lake.window_days, null))}; expected a whole number from 0 to 28; example: lake = { window_days = 1 }."
  }

  validation {
    condition = var.lake == null || alltrue([for value in try([var.lake.unmerged_days, var.lake.snapshot_days, var.lake.scan_limit_gb, var.lake.query_results_days], []) :
    try(value >= 1 && floor(value) == value, false)])
    error_message = "found ${jsonencode(try({ unmerged_days = var.lake.unmerged_days, snapshot_days = var.lake.snapshot_days, scan_limit_gb = var.lake.scan_limit_gb, query_results_days = var.lake.query_results_days }, null))} in lake; expected whole numbers from 1; example: lake = { scan_limit_gb = 100 }."
  }

  validation {
    # PutMetricAlarm: the periods of one evaluation, which are hours here, cover 7 days at most.
    condition     = try(var.lake.stalled_after_hours, null) == null || try(var.lake.stalled_after_hours >= 1 && var.lake.stalled_after_hours <= 168 && floor(var.lake.stalled_after_hours) == var.lake.stalled_after_hours, false)
    error_message = "found lake.stalled_after_hours = ${jsonencode(try(var.lake.stalled_after_hours, null))}; expected null or a whole number from 1 to 168; example: lake = { stalled_after_hours = 6 }."
  }
}

locals {
  # Names of the s3 sinks whose format is, or defaults to, rows.
  row_sinks = [
    for name, type in local.sink_types : name
    if type == "s3" && (contains(local.option_names[name], "format") ? var.sink_options[name]["format"] : local.sink_schema["s3"].options.format.default) == "rows"
  ]
}
