output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "invoked_arn" {
  description = "ARN that the mapping or pipe invokes: of the alias, or of the function."
  value       = local.invoked_arn
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = local.function_role_arn
}

output "role_policies" {
  description = "Policy documents of the roles in use (function, firehose, pipe), for existing_roles."
  value       = { for user, policy in { function = local.function_policy, firehose = local.firehose_policy, pipe = local.pipe_policy } : user => policy if local.users[user] }
}

output "operator_policy_json" {
  description = "Policy document with the permissions that `changefan backfill` and `changefan redrive` need, except access to the KMS keys of existing buckets that kms_keys does not name."
  value       = local.operator_policy
}

output "stream_policies" {
  description = "Resource policies by key of tables for the owner of a stream in another account, who attaches them to the stream."
  value = {
    for key, arn in local.source_arns : key => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "AllowReader"
        Effect    = "Allow"
        Principal = { AWS = local.has_mapping ? local.function_role_arn : local.pipe_role_arn }
        Action    = local.stream_actions[local.reads]
        Resource  = arn
      }]
    }) if !local.captures[key].creates_stream && !(local.captures[key].creates_table && local.reads == "dynamodb")
  }
}

output "log_group" {
  description = "Log group of the function. The stdout sink writes to it, too."
  value       = aws_cloudwatch_log_group.function.name
}

output "sink_log_groups" {
  description = "Log groups that the module created for cloudwatch_logs sinks, by sink name."
  value       = { for name, group in aws_cloudwatch_log_group.sink : name => group.name }
}

output "sink_environment" {
  description = "SINKS and the options of the sinks, as environment variables of the function."
  value       = merge({ SINKS = join(",", var.sinks) }, local.sink_environment)
}

output "table_name" {
  description = "Name of the captured table, or null for a Kinesis stream with its own producers and for several tables."
  value       = length(local.captures) == 1 ? one(values(local.table_names)) : null
}

output "table_names" {
  description = "Names of the captured tables, by key of tables; main in the single-table form."
  value       = local.table_names
}

output "partition_names" {
  description = "Names in the table= part of the objects' keys, by key of tables."
  value       = { for key in keys(local.captures) : key => local.partition_names[key] }
}

output "stream_arn" {
  description = "ARN of the stream that is read, or null for several tables."
  value       = length(local.captures) == 1 ? one(values(local.source_arns)) : null
}

output "stream_arns" {
  description = "ARNs of the streams that are read, by key of tables."
  value       = local.source_arns
}

output "event_source_mapping_uuids" {
  description = "UUIDs of the mappings, by key of tables. The failures bucket keeps their batches under aws/lambda/UUID/."
  value       = { for key, mapping in aws_lambda_event_source_mapping.this : key => mapping.uuid }
}

output "pipe_arns" {
  description = "ARNs of the pipes, by key of tables."
  value       = { for key, pipe in aws_pipes_pipe.this : key => pipe.arn }
}

output "dead_letter_queue_url" {
  description = "URL of the pipes' dead-letter queue, or null without a pipe."
  value       = one(aws_sqs_queue.dead_letter[*].url)
}

output "lake_bucket" {
  description = "Bucket that the module created for s3 and firehose sinks, or null."
  value       = local.creates_lake ? aws_s3_bucket.this["lake"].bucket : null
}

output "failures_bucket" {
  description = "Bucket of failed batches and quarantined records, or null."
  value       = local.failures_bucket
}

output "firehose_streams" {
  description = "Delivery streams that the module created for firehose sinks, by sink name."
  value       = { for name, stream in aws_kinesis_firehose_delivery_stream.this : name => stream.name }
}

output "table_export_arns" {
  description = "ARNs of the table exports, by key of tables."
  value       = { for key, export in aws_dynamodb_table_export.this : key => export.arn }
}
