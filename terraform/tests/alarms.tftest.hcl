# The alarms of each kind of deployment. tests/alarms reads the plans of these runs and evaluates every alarm.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
  table_name   = "orders"
}

run "table" {
  command = plan

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.alarm_actions) == 0 && length(alarm.ok_actions) == 0])
    error_message = "alarms without topics have actions"
  }
}

run "two_delivery_streams" {
  command = plan

  variables {
    sinks = ["stdout", "firehose", "archive:firehose"]
  }
}

run "table_through_kinesis" {
  command = plan

  variables {
    stream_source = "kinesis"
  }
}

run "stream_of_other_producers" {
  command = plan

  variables {
    stream_source  = "kinesis"
    table_name     = null
    kinesis_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" }
  }
}

run "pipe_of_a_table" {
  command = plan

  variables {
    stream_source = "pipe"
    metrics       = "per_sink"
  }
}

run "pipe_of_a_kinesis_stream" {
  command = plan

  variables {
    stream_source = "pipe"
    pipe_source   = "kinesis"
  }
}

run "several_tables" {
  command = plan

  variables {
    table_name = null
    tables = {
      orders    = {}
      customers = { table = { stream_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/people/stream/2024-01-01T00:00:00.000" } }
      # Its filter drops records, so that it has no alarm on silence.
      invoices = { filter_patterns = ["{\"eventName\":[\"INSERT\"]}"] }
    }
  }
}

run "several_pipes" {
  command = plan

  variables {
    stream_source = "pipe"
    pipe_source   = "kinesis"
    table_name    = null
    tables = {
      orders = {}
      clicks = { kinesis_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" } }
    }
  }
}

run "existing_failures_bucket" {
  command = plan

  variables {
    failures_bucket = { name = "our-failures" }
  }

  assert {
    condition     = length(aws_sqs_queue.on_failure) == 0 && length(aws_s3_bucket_notification.failures) == 0
    error_message = "an existing bucket's notifications are configured"
  }
}

run "existing_failures_bucket_with_events" {
  command = plan

  variables {
    failures_bucket = { name = "our-failures" }
    alarms          = { failures_bucket_events = true }
  }

  assert {
    condition     = length(aws_s3_bucket_notification.failures) == 0
    error_message = "an existing bucket's notifications are configured"
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.on_failure[0].event_pattern) == {
      source      = ["aws.s3"]
      detail-type = ["Object Created"]
      detail      = { bucket = { name = ["our-failures"] }, object = { key = [{ prefix = "aws/lambda/" }] } }
    }
    error_message = "found ${aws_cloudwatch_event_rule.on_failure[0].event_pattern}"
  }
}

run "other_thresholds" {
  command = plan

  variables {
    sinks   = ["firehose"]
    timeout = 10
    alarms = {
      topic_arns = ["arn:aws:sns:eu-west-1:123456789012:on-call"]
      thresholds = {
        iterator_age                  = 600
        unprocessed                   = 100
        errors                        = 3
        duration                      = 50
        throttles                     = 3
        quarantined                   = 3
        on_failure_objects            = 3
        destination_delivery_failures = 3
        firehose_freshness            = 1800
        firehose_success              = 0.95
      }
      periods = {
        throttles = 900
        silence   = 1800
      }
    }
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset(var.alarms.topic_arns) && alarm.ok_actions == toset(var.alarms.topic_arns)])
    error_message = "an alarm does not notify the topic"
  }
}

run "pipe_with_other_thresholds" {
  command = plan

  variables {
    stream_source = "pipe"
    alarms        = { thresholds = { pipe_failed = 3, dead_letters = 3 } }
  }
}

run "function_without_metrics_has_no_alarm_on_them" {
  command = plan

  variables {
    metrics = "none"
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.this), "unprocessed") && !contains(keys(aws_cloudwatch_metric_alarm.this), "quarantined")
    error_message = "found ${jsonencode(keys(aws_cloudwatch_metric_alarm.this))}"
  }
}

run "disabled_kinds_have_no_alarm" {
  command = plan

  variables {
    alarms = { disabled = ["throttles", "on_failure_objects"] }
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.this), "throttles") && length(aws_sqs_queue.on_failure) + length(aws_cloudwatch_event_rule.on_failure) + length(aws_s3_bucket_notification.failures) == 0
    error_message = "found ${jsonencode(keys(aws_cloudwatch_metric_alarm.this))}"
  }
}

run "silence_may_take_two_days" {
  command = plan

  variables {
    alarms = { periods = { silence = 86400 } }
  }

  assert {
    condition     = alltrue([for query in aws_cloudwatch_metric_alarm.this["silence"].metric_query : query.metric[0].period == 86400 if length(query.metric) > 0])
    error_message = "the period is another one"
  }
}

run "without_alarms_and_dashboard_nothing_is_created" {
  command = plan

  variables {
    alarms    = { enabled = false }
    dashboard = false
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) + length(aws_cloudwatch_dashboard.this) + length(aws_sqs_queue.on_failure) == 0 && output.dashboard == null
    error_message = "something is created"
  }
}

run "duration_without_quarantine_has_more_time" {
  command = plan

  variables {
    quarantine = false
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["duration"].threshold == 47600 && !contains(keys(aws_cloudwatch_metric_alarm.this), "quarantined")
    error_message = "found ${aws_cloudwatch_metric_alarm.this["duration"].threshold}"
  }
}

# Last, because the runs of a file share their state.
run "mapping_metrics" {
  command = apply # the UUID of a mapping is not planned

  variables {
    mapping_metrics = true
    filter_patterns = ["{\"eventName\":[\"INSERT\"]}"]
  }
}

run "on_failure_queue_accepts_its_rule_only" {
  command = apply

  assert {
    condition = jsondecode(aws_sqs_queue_policy.on_failure[0].policy).Statement == [{
      Sid       = "NotifyOfFailures"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.on_failure[0].arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.on_failure[0].arn } }
    }]
    error_message = "found ${aws_sqs_queue_policy.on_failure[0].policy}"
  }

  assert {
    condition     = aws_s3_bucket_notification.failures[0].eventbridge && aws_sqs_queue.on_failure[0].message_retention_seconds == 1209600 && aws_cloudwatch_event_target.on_failure[0].arn == aws_sqs_queue.on_failure[0].arn
    error_message = "objects on failure are not announced, or not for the longest time"
  }
}
