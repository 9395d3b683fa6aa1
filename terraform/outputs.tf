output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.function.arn
}

output "log_group" {
  description = "Log group of the function; the stdout sink writes there too."
  value       = aws_cloudwatch_log_group.function.name
}

output "sink_log_groups" {
  description = "Log groups made for cloudwatch_logs sinks, by entry name."
  value       = { for name, group in aws_cloudwatch_log_group.sink : name => group.name }
}

output "sink_environment" {
  description = "SINKS and the sinks' options, as the function gets them."
  value       = merge({ SINKS = join(",", var.sinks) }, local.sink_environment)
}

output "table_name" {
  description = "Name of the table whose changes are captured, or null for a Kinesis stream with other producers."
  value       = local.table_name
}

output "stream_arn" {
  description = "ARN of the stream that is read, DynamoDB's or Kinesis's."
  value       = local.source_arn
}

output "event_source_mapping_uuid" {
  description = "UUID of the mapping, or null with a pipe. The failures bucket keeps its batches under aws/lambda/UUID/."
  value       = one(aws_lambda_event_source_mapping.this[*].uuid)
}

output "pipe_arn" {
  description = "ARN of the pipe, or null with a mapping."
  value       = one(aws_pipes_pipe.this[*].arn)
}

output "dead_letter_queue_url" {
  description = "URL of the pipe's dead-letter queue, or null with a mapping."
  value       = one(aws_sqs_queue.dead_letter[*].url)
}

output "lake_bucket" {
  description = "Bucket of the s3 and firehose sinks made here, or null when there is none."
  value       = try(aws_s3_bucket.this["lake"].bucket, null)
}

output "failures_bucket" {
  description = "Bucket of failed batches and quarantined records, or null when there is none."
  value       = try(aws_s3_bucket.this["failures"].bucket, null)
}

output "firehose_streams" {
  description = "Delivery streams made for firehose sinks, by entry name."
  value       = { for name, stream in aws_kinesis_firehose_delivery_stream.this : name => stream.name }
}
