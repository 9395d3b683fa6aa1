# The dashboard: rows of widgets, from the source to the destinations. The first row shows the overall state.

locals {
  dashboard_rows = [
    concat(local.alarm_widgets, local.age_widgets, local.event_widgets, local.failure_widgets),
    local.source_widgets,
    local.function_widgets,
    local.sink_widgets,
    local.firehose_widgets,
    local.given_up_widgets,
  ]

  line_chart = { type = "metric", view = "timeSeries", region = local.region, period = 300, stat = "Maximum" }
  sum_chart  = { type = "metric", view = "timeSeries", region = local.region, period = 300, stat = "Sum" }
  log_chart  = { type = "log", view = "timeSeries", region = local.region }

  # The line that the function logs per invocation: its counters per sink cost no custom metric.
  log_source = "SOURCE '${aws_cloudwatch_log_group.function.name}'"
  batches    = "${local.log_source} | filter message = \"batch processed\""

  # A widget shows up to 100 alarms. Their ARNs are composed, because a plan does not know those of new alarms.
  alarm_names = concat(values(local.alarms)[*].name, [for name in keys(local.lake_alarms) : "${var.name}-${name}"])
  alarm_widgets = [for arns in chunklist([for name in local.alarm_names : "${local.arn}:cloudwatch:${local.here}:alarm:${name}"], 100) :
    { type = "alarm", title = "Alarms", alarms = arns }
  ]

  age_widgets = [merge(local.line_chart, {
    title = "Iterator age (ms)"
    metrics = [for dimensions in length(local.iterator_age_subjects) == 0 ? values(local.function_subject) : values(local.iterator_age_subjects) :
      concat([local.iterator_age_metric.namespace, local.iterator_age_metric.metric], flatten([for name, value in dimensions : [name, value]]))
    ]
  })]

  event_widgets = concat(
    [for chart in var.metrics == "per_sink" ? [local.sum_chart] : [] : merge(chart, {
      title = "Events in, and delivered per sink"
      metrics = concat(
        [["changefan", "Events", "FunctionName", var.name]],
        [for sink in keys(local.sink_types) : ["changefan", "${sink}.Delivered", "FunctionName", var.name]],
      )
    })],
    [for chart in var.metrics == "per_sink" ? [] : [local.log_chart] : merge(chart, {
      title = "Events in, and delivered per sink"
      query = "${local.batches} | stats ${join(", ", concat(
        ["sum(events) as events_in"],
        [for sink in keys(local.sink_types) : "sum(`sinks.${sink}.delivered`) as ${replace(sink, "-", "_")}_delivered"],
      ))} by bin(5m)"
    })],
  )

  failure_widgets = concat(
    [for chart in local.has_metrics ? [local.sum_chart] : [] : merge(chart, {
      title   = "Failed and quarantined records"
      metrics = [for metric in ["Unprocessed", "Quarantined"] : ["changefan", metric, "FunctionName", var.name]]
    })],
    [for chart in local.has_metrics ? [] : [local.log_chart] : merge(chart, {
      title = "Failed and quarantined records"
      query = "${local.batches} | stats sum(unprocessed) as unprocessed_records, sum(quarantined) as quarantined_records by bin(5m)"
    })],
  )

  source_widgets = concat(
    [
      merge(local.sum_chart, { title = "Source: writes", metrics = concat(
        [for source in values(local.alarm_sources) : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", source.table_name] if source.has_table],
        [for source in values(local.alarm_sources) : ["AWS/Kinesis", "IncomingRecords", "StreamName", source.stream_name] if local.reads == "kinesis"],
      ) }),
    ],
    [for pipes in local.has_mapping ? [] : [values(aws_pipes_pipe.this)] : merge(local.sum_chart, {
      title = "Source: executions of the pipe"
      metrics = flatten([for pipe in pipes : [
        for metric in ["Invocations", "ExecutionFailed", "ExecutionThrottled"] : { series = ["AWS/EventBridge/Pipes", metric, "PipeName", pipe.name] }
      ]])[*].series
    })],
    [
      merge(local.sum_chart, {
        title   = "Function: invocations, errors, throttles"
        metrics = [for metric in ["Invocations", "Errors", "Throttles"] : ["AWS/Lambda", metric, "FunctionName", var.name]]
      }),
    ],
  )

  function_widgets = [
    merge(local.line_chart, {
      title   = "Function: duration (ms)"
      metrics = [["AWS/Lambda", "Duration", "FunctionName", var.name]]
      annotations = { horizontal = [
        { label = "deadline of the sinks", value = local.sinks_milliseconds },
        { label = "timeout", value = var.timeout * 1000 },
      ] }
    }),
    merge(local.line_chart, {
      title   = "Function: concurrent executions"
      metrics = [["AWS/Lambda", "ConcurrentExecutions", "FunctionName", var.name]]
    }),
    merge(local.log_chart, {
      title = "Function: records in, events decoded, undecodable records"
      query = "${local.batches} | stats sum(records) as records_in, sum(events) as events_decoded, sum(undecodable) as undecodable_records by bin(5m)"
    }),
  ]

  sink_widgets = [for sink in keys(local.sink_types) : merge(local.log_chart, {
    title = "Sink ${sink}: delivered, already delivered, failed, retried"
    query = "${local.batches} | stats ${join(", ", [
      for counter in ["delivered", "already_delivered", "failed", "retried"] : "sum(`sinks.${sink}.${counter}`) as ${counter}_events"
    ])} by bin(5m)"
  })]

  firehose_widgets = [for widget in [
    merge(local.sum_chart, { title = "Firehose: incoming records", metrics = local.firehose_series["IncomingRecords"] }),
    merge(local.line_chart, { title = "Firehose: age of the oldest record (s)", metrics = local.firehose_series["DeliveryToS3.DataFreshness"] }),
    merge(local.line_chart, { title = "Firehose: share of successful writes to S3", metrics = local.firehose_series["DeliveryToS3.Success"], stat = "Average" }),
  ] : widget if length(local.created.firehose) > 0]

  firehose_series = { for metric in ["IncomingRecords", "DeliveryToS3.DataFreshness", "DeliveryToS3.Success"] : metric => [
    for stream in values(aws_kinesis_firehose_delivery_stream.this) : ["AWS/Firehose", metric, "DeliveryStreamName", stream.name]
  ] }

  given_up_widgets = [
    merge(local.line_chart, { title = "Given up: on-failure objects, dead letters, failed deliveries", metrics = concat(
      [for queue in concat(aws_sqs_queue.on_failure, aws_sqs_queue.dead_letter) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name]],
      [["AWS/Lambda", "DestinationDeliveryFailures", "FunctionName", var.name]],
    ) }),
    merge(local.log_chart, { view = "table", title = "Latest warnings and errors", query = join(" | ", [
      local.log_source, "filter level in [\"WARN\", \"ERROR\"]", "fields @timestamp, level, message, sink, reason, requestId", "sort @timestamp desc", "limit 50",
    ]) }),
  ]

  # A row is 24 units wide. More than four widgets continue on the next line of the row.
  dashboard_width  = [for row in local.dashboard_rows : floor(24 / min(4, max(1, length(row))))]
  dashboard_height = [for row in local.dashboard_rows : 6 * ceil(length(row) / 4)]

  dashboard_widgets = flatten([for number, row in local.dashboard_rows : [for index, widget in row : {
    type       = widget.type
    x          = (index % 4) * local.dashboard_width[number]
    y          = sum(concat([0], slice(local.dashboard_height, 0, number))) + 6 * floor(index / 4)
    width      = local.dashboard_width[number]
    height     = 6
    properties = { for name, value in widget : name => value if name != "type" }
  }]])
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.dashboard ? 1 : 0

  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = local.dashboard_widgets })
}
