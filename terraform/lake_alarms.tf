# Alarms of the lake. docs/lake.md describes what each means and what to do.

locals {
  # Minutes between two runs of a rate expression; 0 for a cron expression.
  merge_minutes = try(
    tonumber(regex("^rate\\(([0-9]+) ", var.lake.schedule)[0]) * { minute = 1, hour = 60, day = 1440 }[regex("(minute|hour|day)s?\\)$", var.lake.schedule)[0]],
    0,
  )

  stalled_after_hours = try(var.lake.stalled_after_hours, null) != null ? var.lake.stalled_after_hours : min(168, max(3, ceil(3 * local.merge_minutes / 60)))

  lake_alarm_kinds = ["lake_failed", "lake_stalled", "lake_timed_out", "lake_unmerged"]

  # Without a schedule, the absence of successful runs is expected.
  unwatched_kinds     = concat(tolist(var.alarms.disabled), try(var.lake.schedule_enabled, false) ? [] : ["lake_stalled"])
  enabled_lake_alarms = var.lake == null || !var.alarms.enabled ? [] : tolist(setsubtract(local.lake_alarm_kinds, local.unwatched_kinds))

  # A run that ends because another one is active counts as a success, so a run that never ends needs
  # its own alarm: it times out after three hours.
  lake_alarms = { for name, alarm in {
    lake-failed = {
      description = "A merge into the lake of ${var.name} failed. The next run merges the same days again; docs/lake.md, A merge failed."
      namespace   = "AWS/States"
      metric      = "ExecutionsFailed"
      statistic   = "Sum"
      dimensions  = { StateMachineArn = local.lake_machine_arn }
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period      = 3600
      periods     = 1
      missing     = "notBreaching"
    }
    lake-timed-out = {
      description = "A merge into the lake of ${var.name} timed out. The next run continues where it was stopped; docs/lake.md, A merge timed out."
      namespace   = "AWS/States"
      metric      = "ExecutionsTimedOut"
      statistic   = "Sum"
      dimensions  = { StateMachineArn = local.lake_machine_arn }
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period      = 3600
      periods     = 1
      missing     = "notBreaching"
    }
    lake-stalled = {
      description = "No merge into the lake of ${var.name} succeeded for ${local.stalled_after_hours} hours; docs/lake.md, No merge succeeds."
      namespace   = "AWS/States"
      metric      = "ExecutionsSucceeded"
      statistic   = "Sum"
      dimensions  = { StateMachineArn = local.lake_machine_arn }
      comparison  = "LessThanThreshold"
      threshold   = 1
      period      = 3600
      periods     = local.stalled_after_hours
      missing     = "breaching"
    }
    lake-unmerged = {
      description = "Changes landed in the lake of ${var.name} for days that no scheduled merge covers any more; docs/lake.md, Changes stay unmerged."
      namespace   = "changefan"
      metric      = "Unmerged"
      statistic   = "Maximum"
      dimensions  = { FunctionName = var.name }
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period      = 3600 # reported once per day and on request: the last report decides
      periods     = 1
      missing     = "ignore"
    }
  } : name => alarm if contains(local.enabled_lake_alarms, replace(name, "-", "_")) }

  lake_alarm_actions = try(var.lake.alarm_actions, null) == null ? var.alarms.topic_arns : var.lake.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "lake" {
  for_each = local.lake_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing
  alarm_actions       = local.lake_alarm_actions
  ok_actions          = local.lake_alarm_actions
  tags                = var.tags

  lifecycle {
    # The distance between two runs of a cron expression is not computed.
    precondition {
      condition     = each.key != "lake-stalled" || local.merge_minutes > 0 || var.lake.stalled_after_hours != null
      error_message = "found lake.schedule = ${jsonencode(var.lake.schedule)} without stalled_after_hours; expected the hours without a successful run after which an alarm fires; example: lake = { schedule = \"cron(0 3 * * ? *)\", stalled_after_hours = 49 }."
    }

    # CloudWatch evaluates 7 days at most: with rarer runs, the alarm would fire between two of them.
    precondition {
      condition     = each.key != "lake-stalled" || local.merge_minutes <= 6 * 24 * 60
      error_message = "found lake.schedule = ${jsonencode(var.lake.schedule)}; expected a run every 6 days or more often, because the alarm lake_stalled covers 7 days at most; example: lake = { schedule = \"rate(1 day)\" }; or omit the alarm with alarms = { disabled = [\"lake_stalled\"] }."
    }
  }

  # A rate starts with a run, so that lake-stalled finds a success soon.
  depends_on = [aws_scheduler_schedule.lake]
}
