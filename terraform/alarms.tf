# The alarms: a table of rules by kind, the subjects that each kind watches, and one resource for all.

locals {
  # A failure that passes may be a retry that helped. What sets changes aside, or loses them, is reported at once.
  lasting = { operator = "GreaterThanThreshold", period = 300, evaluation_periods = 3, datapoints_to_alarm = 2 }
  at_once = { operator = "GreaterThanThreshold", period = 300, evaluation_periods = 1, datapoints_to_alarm = 1 }

  count    = { statistic = "Sum", threshold = 0, unit = 1 }
  messages = { namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", threshold = 0, unit = 1 }

  # Kind => rule. A threshold has the unit of var.alarms; `unit` converts it to the metric's.
  alarm_rules = {
    iterator_age = merge(local.lasting, local.iterator_age_metric, {
      statistic = "Maximum"
      threshold = 900
      unit      = 1000
      meaning   = "Changes wait too long before the function receives them."
    })

    unprocessed = merge(local.lasting, local.count, {
      namespace = "changefan"
      metric    = "Unprocessed"
      meaning   = "A sink keeps failing records, which block their shard."
    })

    errors = merge(local.lasting, local.count, {
      namespace = "AWS/Lambda"
      metric    = "Errors"
      meaning   = "Invocations keep failing."
    })

    duration = merge(local.lasting, {
      namespace = "AWS/Lambda"
      metric    = "Duration"
      statistic = "Maximum"
      threshold = 80
      unit      = local.sinks_milliseconds / 100
      meaning   = "Invocations use most of the time that their sinks have."
    })

    throttles = merge(local.lasting, local.count, {
      namespace = "AWS/Lambda"
      metric    = "Throttles"
      meaning   = "Lambda keeps throttling the function."
    })

    quarantined = merge(local.at_once, local.count, {
      namespace = "changefan"
      metric    = "Quarantined"
      meaning   = "Records were quarantined."
    })

    on_failure_objects = merge(local.at_once, local.messages, {
      meaning = "The event source mapping gave up on batches, which are in the failures bucket."
    })

    destination_delivery_failures = merge(local.at_once, local.count, {
      namespace = "AWS/Lambda"
      metric    = "DestinationDeliveryFailures"
      meaning   = "The event source mapping gave up on a batch and could not write it to the failures bucket."
    })

    dead_letters = merge(local.at_once, local.messages, {
      meaning = "The pipe gave up on batches, whose records are in the stream only."
    })

    pipe_failed = merge(local.lasting, local.count, {
      namespace = "AWS/EventBridge/Pipes"
      metric    = "ExecutionFailed"
      meaning   = "Executions of the pipe keep failing."
    })

    firehose_freshness = merge(local.lasting, {
      namespace = "AWS/Firehose"
      metric    = "DeliveryToS3.DataFreshness"
      statistic = "Maximum"
      threshold = var.firehose_buffering_seconds + 600 # a delivery stream always holds records for its interval
      unit      = 1
      meaning   = "A delivery stream holds records for too long."
    })

    firehose_success = merge(local.lasting, {
      namespace = "AWS/Firehose"
      metric    = "DeliveryToS3.Success"
      statistic = "Average"
      operator  = "LessThanThreshold"
      threshold = 1
      unit      = 1
      meaning   = "A delivery stream keeps failing to write to S3."
    })

    # Two periods in a row: a write at the end of a period can have its invocation in the next.
    silence = merge(local.lasting, local.count, {
      namespace          = null
      metric             = null
      period             = 3600
      evaluation_periods = 2
      meaning            = "The source is written to, but the function does not receive its changes."
    })
  }

  # Only an event source mapping has its own iterator age. A Kinesis stream has one for all its readers.
  iterator_age_metric = (
    local.has_mapping ? { namespace = "AWS/Lambda", metric = "IteratorAge" } :
    local.reads == "kinesis" ? { namespace = "AWS/Kinesis", metric = "GetRecords.IteratorAgeMilliseconds" } :
    { namespace = "changefan", metric = "IteratorAge" }
  )

  # The sinks' share of the timeout: the function reserves a part for its reply and one for the quarantine.
  reply_milliseconds = var.timeout * 1000 - min(500, var.timeout * 250)
  sinks_milliseconds = local.reply_milliseconds - (var.quarantine ? min(3000, local.reply_milliseconds / 4) : 0)

  has_metrics = var.metrics != "none"

  # Kind => subject => dimensions. The subject "" is the function, or its only source.
  alarm_subjects = merge(
    { for kind in ["errors", "duration", "throttles"] : kind => local.function_subject },
    { for kind in ["unprocessed"] : kind => local.function_subject if local.has_metrics },
    { for kind in ["quarantined"] : kind => local.function_subject if local.has_metrics && var.quarantine },
    { for kind in ["destination_delivery_failures"] : kind => local.function_subject if local.has_mapping },
    { iterator_age = local.iterator_age_subjects },
    { pipe_failed = { for key, pipe in aws_pipes_pipe.this : local.alarm_sources[key].subject => { PipeName = pipe.name } } },
    { on_failure_objects = { for queue in aws_sqs_queue.on_failure : "" => { QueueName = queue.name } } },
    { dead_letters = { for queue in aws_sqs_queue.dead_letter : "" => { QueueName = queue.name } } },
    { for kind in ["firehose_freshness", "firehose_success"] : kind => {
      for name, stream in aws_kinesis_firehose_delivery_stream.this : name => { DeliveryStreamName = stream.name }
    } },
    { silence = { for subject in keys(local.silence_queries) : subject => null } },
  )

  function_subject = { "" = { FunctionName = var.name } }

  # A mapping's iterator age is the function's. A pipe of a table's stream has it in the function's per-sink metrics only.
  iterator_age_subjects = merge(
    { for subject, dimensions in local.function_subject : subject => dimensions if local.has_mapping || (local.reads == "dynamodb" && var.metrics == "per_sink") },
    { for source in values(local.alarm_sources) : source.subject => { StreamName = source.stream_name } if !local.has_mapping && local.reads == "kinesis" },
  )

  # Key => source. Whether there is a table is known at plan, even where its name is not.
  alarm_sources = { for key, capture in local.captures : key => {
    subject     = key == "main" ? "" : key
    has_table   = capture.creates_table || capture.table != null
    table_name  = local.table_names[key]
    stream_name = capture.creates_stream ? aws_kinesis_stream.this[key].name : local.reads == "kinesis" ? split("/", local.source_arns[key])[1] : null
    is_filtered = length(capture.filter_patterns) > 0
  } }

  # Subject => what is written to a source, and what the function receives. Records that a filter drops invoke nothing;
  # the mapping's own metrics count them before the filter, and per source.
  silence_queries = { for key, source in local.alarm_sources : source.subject => {
    writes = {
      namespace  = source.has_table ? "AWS/DynamoDB" : "AWS/Kinesis"
      metric     = source.has_table ? "ConsumedWriteCapacityUnits" : "IncomingRecords"
      dimensions = source.has_table ? { TableName = source.table_name } : { StreamName = source.stream_name }
    }
    receipts = {
      namespace  = "AWS/Lambda"
      metric     = var.mapping_metrics ? "PolledEventCount" : "Invocations"
      dimensions = var.mapping_metrics ? { EventSourceMappingUUID = aws_lambda_event_source_mapping.this[key].uuid } : { FunctionName = var.name }
    }
  } if var.mapping_metrics || !source.is_filtered }

  # A metric without data points counts as 0 in an addition. FILL is not used: whether it fills a metric that has no
  # data point at all is not documented.
  silence_expression = "IF((writes > 0) AND ((receipts + 0 * writes) == 0), 1, 0)"

  alarms = merge([for kind, subjects in local.alarm_subjects : {
    for subject, dimensions in subjects : (subject == "" ? kind : "${kind}/${subject}") => merge(local.alarm_rules[kind], {
      name        = join("-", compact([var.name, replace(kind, "_", "-"), subject]))
      description = "${local.alarm_rules[kind].meaning} See ${var.alarms.guide}#${replace(kind, "_", "-")}."
      dimensions  = dimensions
      threshold   = lookup(var.alarms.thresholds, kind, local.alarm_rules[kind].threshold) * local.alarm_rules[kind].unit
      period      = lookup(var.alarms.periods, kind, local.alarm_rules[kind].period)
      queries     = kind == "silence" ? local.silence_queries[subject] : {}
    })
  } if local.has_alarm[kind]]...)

  has_alarm = { for kind in keys(local.alarm_rules) : kind => var.alarms.enabled && !contains(var.alarms.disabled, kind) }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = each.value.name
  alarm_description   = each.value.description
  comparison_operator = each.value.operator
  threshold           = each.value.threshold
  evaluation_periods  = each.value.evaluation_periods
  datapoints_to_alarm = each.value.datapoints_to_alarm
  # Most of these metrics have data points only while there is something to count.
  treat_missing_data = "notBreaching"
  alarm_actions      = var.alarms.topic_arns
  ok_actions         = var.alarms.topic_arns
  tags               = var.tags

  namespace   = each.value.namespace
  metric_name = each.value.metric
  dimensions  = each.value.dimensions
  period      = each.value.metric == null ? null : each.value.period
  statistic   = each.value.metric == null ? null : each.value.statistic

  dynamic "metric_query" {
    for_each = each.value.queries

    content {
      id = metric_query.key

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.dimensions
        period      = each.value.period
        stat        = each.value.statistic
      }
    }
  }

  dynamic "metric_query" {
    for_each = length(each.value.queries) == 0 ? [] : [local.silence_expression]

    content {
      id          = "silence"
      label       = "Written to, but not received"
      expression  = metric_query.value
      return_data = true
    }
  }
}
