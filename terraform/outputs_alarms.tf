output "alarm_names" {
  description = "Names of the alarms, by kind, or by kind/subject where a kind has several."
  value = merge(
    { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.alarm_name },
    { for key, alarm in aws_cloudwatch_metric_alarm.lake : replace(key, "-", "_") => alarm.alarm_name },
  )
}

output "dashboard" {
  description = "The dashboard's name and the titles of its widgets, row by row, or null when there is none."
  value = var.dashboard ? {
    name    = aws_cloudwatch_dashboard.this[0].dashboard_name
    widgets = [for row in local.dashboard_rows : [for widget in row : widget.title]]
  } : null
}

output "on_failure_queue_url" {
  description = "URL of the queue that holds a message per object of the on-failure destination, or null when there is none."
  value       = one(aws_sqs_queue.on_failure[*].url)
}
