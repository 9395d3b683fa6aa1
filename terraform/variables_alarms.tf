# Alarms and the dashboard. docs/operating.md has a section per kind of alarm.

variable "alarms" {
  description = "CloudWatch alarms: topics to notify, kinds to leave out, thresholds and periods by kind. enabled and topic_arns apply to the alarms of the lake, too, and disabled may list them: lake_failed, lake_stalled, lake_timed_out, lake_unmerged. docs/operating.md lists the kinds with their units and defaults. failures_bucket_events says that an existing failures bucket sends its events to EventBridge."
  type = object({
    enabled                = optional(bool, true)
    topic_arns             = optional(list(string), [])
    disabled               = optional(set(string), [])
    thresholds             = optional(map(number), {})
    periods                = optional(map(number), {})
    guide                  = optional(string, "docs/operating.md")
    failures_bucket_events = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for arn in var.alarms.topic_arns : can(regex("^arn:[^:]+:sns:[^:]+:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "found alarms.topic_arns = ${jsonencode(var.alarms.topic_arns)}; expected ARNs of standard SNS topics; example: alarms = { topic_arns = [\"arn:aws:sns:eu-west-1:123456789012:on-call\"] }."
  }

  validation {
    condition     = length(setsubtract(var.alarms.disabled, concat(keys(local.alarm_rules), local.lake_alarm_kinds))) == 0
    error_message = "found alarms.disabled = ${jsonencode(var.alarms.disabled)}; the kinds are ${jsonencode(concat(keys(local.alarm_rules), local.lake_alarm_kinds))}; example: alarms = { disabled = [\"throttles\"] }."
  }

  validation {
    condition     = length(setsubtract(concat(keys(var.alarms.thresholds), keys(var.alarms.periods)), keys(local.alarm_rules))) == 0
    error_message = "found alarms.thresholds and periods for ${jsonencode(distinct(concat(keys(var.alarms.thresholds), keys(var.alarms.periods))))}; the kinds are ${jsonencode(keys(local.alarm_rules))}; example: alarms = { thresholds = { iterator_age = 600 } }."
  }

  validation {
    condition     = alltrue([for kind, threshold in var.alarms.thresholds : threshold >= 0])
    error_message = "found alarms.thresholds = ${jsonencode(var.alarms.thresholds)}; expected numbers from 0; example: alarms = { thresholds = { iterator_age = 600 } }."
  }

  validation {
    # A percentage and a ratio: beyond these the alarm could never fire, or would never stop.
    condition     = lookup(var.alarms.thresholds, "duration", 1) >= 1 && lookup(var.alarms.thresholds, "duration", 1) <= 100 && lookup(var.alarms.thresholds, "firehose_success", 1) <= 1
    error_message = "found alarms.thresholds = ${jsonencode(var.alarms.thresholds)}; duration is a percentage from 1 to 100, firehose_success a ratio from 0 to 1; example: alarms = { thresholds = { duration = 80, firehose_success = 0.95 } }."
  }

  validation {
    # PutMetricAlarm: the periods of one evaluation cover 7 days at most, and one day if they are shorter than an hour,
    # which up to 3 of them never exceed.
    condition = alltrue([for kind, period in var.alarms.periods :
      period >= 60 && period % 60 == 0 && period * try(local.alarm_rules[kind].evaluation_periods, 1) <= 604800
    ])
    error_message = "found alarms.periods = ${jsonencode(var.alarms.periods)}; expected multiples of 60 seconds, with all evaluated periods within 7 days: silence evaluates 2 periods, most others 3; example: alarms = { periods = { silence = 1800 } }."
  }
}

variable "dashboard" {
  description = "Whether a CloudWatch dashboard is created that follows the changes from the source to the destinations."
  type        = bool
  default     = true
  nullable    = false
}
