# Alarms of the lake. docs/lake.md describes what each means and what to do.

locals {
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
      description = "No merge into the lake of ${var.name} succeeded for ${try(var.lake.stalled_after_hours, 0)} hours; docs/lake.md, No merge succeeds."
      namespace   = "AWS/States"
      metric      = "ExecutionsSucceeded"
      statistic   = "Sum"
      dimensions  = { StateMachineArn = local.lake_machine_arn }
      comparison  = "LessThanThreshold"
      threshold   = 1
      period      = 3600
      periods     = try(var.lake.stalled_after_hours, 1)
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
  } : name => alarm if var.lake != null }
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
  alarm_actions       = var.lake.alarm_actions
  ok_actions          = var.lake.alarm_actions
  # Without a schedule, the absence of successes is expected.
  actions_enabled = each.key != "lake-stalled" || var.lake.schedule_enabled
  tags            = var.tags
}
