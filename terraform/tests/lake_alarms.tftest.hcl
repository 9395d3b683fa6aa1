# The alarms of the lake: whom they notify, when a lack of runs fires one, and what removes them.

mock_provider "aws" {
  source = "./tests/mocks"

  override_resource {
    target = aws_s3_bucket.lake_data["this"]
    values = { id = "the-tables", bucket = "the-tables", arn = "arn:aws:s3:::the-tables" }
  }
}

variables {
  function_zip = "tests/bootstrap.zip"
  sinks        = ["s3"]
  table_name   = "orders"
  lake         = {}
  alarms       = { topic_arns = ["arn:aws:sns:eu-west-1:123456789012:on-call"] }
}

run "alarms_watch_runs_and_unmerged_changes" {
  command = plan

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.lake : key => "${alarm.namespace} ${alarm.metric_name} ${alarm.statistic} ${alarm.comparison_operator} ${alarm.threshold} ${alarm.evaluation_periods} x ${alarm.period} ${alarm.treat_missing_data}" } == {
      lake-failed    = "AWS/States ExecutionsFailed Sum GreaterThanThreshold 0 1 x 3600 notBreaching"
      lake-timed-out = "AWS/States ExecutionsTimedOut Sum GreaterThanThreshold 0 1 x 3600 notBreaching"
      lake-stalled   = "AWS/States ExecutionsSucceeded Sum LessThanThreshold 1 3 x 3600 breaching"
      lake-unmerged  = "changefan Unmerged Maximum GreaterThanThreshold 0 1 x 3600 ignore"
    }
    error_message = "found ${jsonencode({ for key, alarm in aws_cloudwatch_metric_alarm.lake : key => alarm.metric_name })}"
  }
}

run "alarms_notify_the_topics_of_all_alarms" {
  command = plan

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.lake : alarm.alarm_actions == toset(var.alarms.topic_arns) && alarm.ok_actions == toset(var.alarms.topic_arns)])
    error_message = "an alarm does not notify the topic"
  }
}

run "alarm_actions_of_the_lake_replace_the_topics" {
  command = plan

  variables {
    lake = { alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:data-team"] }
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.lake : alarm.alarm_actions == toset(["arn:aws:sns:eu-west-1:123456789012:data-team"])])
    error_message = "an alarm does not notify alarm_actions"
  }
}

run "no_alarm_actions_notify_nobody" {
  command = plan

  variables {
    lake = { alarm_actions = [] }
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.lake : length(alarm.alarm_actions) == 0])
    error_message = "an alarm has an action"
  }
}

run "alarms_are_named_and_on_the_dashboard" {
  command = apply

  assert {
    condition     = { for kind, name in output.alarm_names : kind => name if startswith(kind, "lake_") } == { for kind in ["failed", "stalled", "timed_out", "unmerged"] : "lake_${kind}" => "changefan-lake-${replace(kind, "_", "-")}" }
    error_message = "found ${jsonencode(output.alarm_names)}"
  }

  assert {
    condition     = sort([for arn in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets[0].properties.alarms : split(":alarm:", arn)[1]]) == sort(values(output.alarm_names))
    error_message = "found ${jsonencode(jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets[0])}"
  }
}

run "disabled_alarms_include_those_of_the_lake" {
  command = plan

  variables {
    alarms = { enabled = false }
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.lake) == 0
    error_message = "found ${jsonencode(keys(aws_cloudwatch_metric_alarm.lake))}"
  }
}

run "disabled_kinds_may_be_those_of_the_lake" {
  command = plan

  variables {
    alarms = { disabled = ["lake_timed_out", "throttles"] }
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.lake) == ["lake-failed", "lake-stalled", "lake-unmerged"]
    error_message = "found ${jsonencode(keys(aws_cloudwatch_metric_alarm.lake))}"
  }
}

run "frequent_merges_are_stalled_after_three_hours" {
  command = plan

  variables {
    lake = { schedule = "rate(15 minutes)" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.lake["lake-stalled"].evaluation_periods == 3
    error_message = "found ${aws_cloudwatch_metric_alarm.lake["lake-stalled"].evaluation_periods}"
  }
}

run "rare_merges_are_stalled_after_three_periods" {
  command = plan

  variables {
    lake = { schedule = "rate(100 minutes)" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.lake["lake-stalled"].evaluation_periods == 5
    error_message = "found ${aws_cloudwatch_metric_alarm.lake["lake-stalled"].evaluation_periods}"
  }
}

run "daily_merges_are_stalled_after_three_days" {
  command = plan

  variables {
    lake = { schedule = "rate(1 day)" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.lake["lake-stalled"].evaluation_periods == 72 && strcontains(aws_cloudwatch_metric_alarm.lake["lake-stalled"].alarm_description, "72 hours")
    error_message = "found ${aws_cloudwatch_metric_alarm.lake["lake-stalled"].evaluation_periods}"
  }
}

run "merges_every_six_days_are_stalled_after_seven" {
  command = plan

  variables {
    lake = { schedule = "rate(6 days)" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.lake["lake-stalled"].evaluation_periods == 168
    error_message = "found ${aws_cloudwatch_metric_alarm.lake["lake-stalled"].evaluation_periods}"
  }
}

run "cron_with_its_hours_is_accepted" {
  command = plan

  variables {
    lake = { schedule = "cron(0 3 * * ? *)", stalled_after_hours = 49 }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.lake["lake-stalled"].evaluation_periods == 49
    error_message = "found ${aws_cloudwatch_metric_alarm.lake["lake-stalled"].evaluation_periods}"
  }
}

run "without_a_schedule_nothing_stalls" {
  command = plan

  variables {
    lake = { schedule = "cron(0 3 * * ? *)", schedule_enabled = false }
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.lake) == ["lake-failed", "lake-timed-out", "lake-unmerged"]
    error_message = "found ${jsonencode(keys(aws_cloudwatch_metric_alarm.lake))}"
  }
}

run "weekly_merges_without_the_alarm_are_accepted" {
  command = plan

  variables {
    lake   = { schedule = "rate(7 days)" }
    alarms = { disabled = ["lake_stalled"] }
  }

  assert {
    condition     = aws_scheduler_schedule.lake["this"].schedule_expression == "rate(7 days)"
    error_message = "found ${aws_scheduler_schedule.lake["this"].schedule_expression}"
  }
}
