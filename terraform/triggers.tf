# What invokes the function with the records of a stream: an event source mapping or a pipe per captured table.

resource "aws_kinesis_stream_consumer" "this" {
  for_each = var.enhanced_fan_out ? local.captures : {}

  name       = each.value.name
  stream_arn = local.source_arns[each.key]
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = local.has_mapping ? local.captures : {}

  function_name                      = local.invoked_arn
  event_source_arn                   = var.enhanced_fan_out ? aws_kinesis_stream_consumer.this[each.key].arn : local.source_arns[each.key]
  enabled                            = each.value.enabled
  starting_position                  = each.value.starting_position
  starting_position_timestamp        = each.value.starting_position == "AT_TIMESTAMP" ? each.value.starting_position_timestamp : null
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.maximum_batching_window_in_seconds
  parallelization_factor             = each.value.parallelization_factor
  tumbling_window_in_seconds         = each.value.tumbling_window_in_seconds
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = each.value.maximum_retry_attempts
  maximum_record_age_in_seconds      = each.value.maximum_record_age_in_seconds
  # Without it, Lambda would ignore the failures in the function's response.
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  # S3 is the only destination that also receives the records; the others receive their position in the stream.
  destination_config {
    on_failure {
      destination_arn = local.failures_bucket_arn
    }
  }

  dynamic "metrics_config" {
    for_each = var.mapping_metrics ? [["EventCount"]] : []

    content {
      metrics = metrics_config.value
    }
  }

  dynamic "filter_criteria" {
    for_each = length(each.value.filter_patterns) == 0 ? [] : [each.value.filter_patterns]

    content {
      dynamic "filter" {
        for_each = filter_criteria.value

        content {
          pattern = filter.value
        }
      }
    }
  }

  lifecycle {
    # A replacement would start again, and skip or repeat records.
    ignore_changes = [starting_position, starting_position_timestamp]
  }

  # An existing role may be granted its permissions outside of the module; the module's own comes first.
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_pipes_pipe" "this" {
  for_each = local.has_mapping ? {} : local.captures

  name               = each.value.name
  description        = "Delivers the changes of ${local.reads == "dynamodb" ? "a table" : "a Kinesis stream"} to ${var.name}"
  role_arn           = local.pipe_role_arn
  source             = local.source_arns[each.key]
  target             = local.invoked_arn
  desired_state      = each.value.enabled ? "RUNNING" : "STOPPED"
  kms_key_identifier = local.key_arns["pipe"]
  tags               = var.tags

  source_parameters {
    dynamic "filter_criteria" {
      for_each = length(each.value.filter_patterns) == 0 ? [] : [each.value.filter_patterns]

      content {
        dynamic "filter" {
          for_each = filter_criteria.value

          content {
            pattern = filter.value
          }
        }
      }
    }

    dynamic "dynamodb_stream_parameters" {
      for_each = local.reads == "dynamodb" ? [each.value] : []

      content {
        starting_position                  = each.value.starting_position
        batch_size                         = each.value.batch_size
        maximum_batching_window_in_seconds = each.value.maximum_batching_window_in_seconds
        parallelization_factor             = each.value.parallelization_factor
        maximum_retry_attempts             = each.value.maximum_retry_attempts
        maximum_record_age_in_seconds      = each.value.maximum_record_age_in_seconds
        on_partial_batch_item_failure      = "AUTOMATIC_BISECT"

        dead_letter_config {
          arn = aws_sqs_queue.dead_letter[0].arn
        }
      }
    }

    dynamic "kinesis_stream_parameters" {
      for_each = local.reads == "kinesis" ? [each.value] : []

      content {
        starting_position                  = each.value.starting_position
        starting_position_timestamp        = each.value.starting_position == "AT_TIMESTAMP" ? each.value.starting_position_timestamp : null
        batch_size                         = each.value.batch_size
        maximum_batching_window_in_seconds = each.value.maximum_batching_window_in_seconds
        parallelization_factor             = each.value.parallelization_factor
        maximum_retry_attempts             = each.value.maximum_retry_attempts
        maximum_record_age_in_seconds      = each.value.maximum_record_age_in_seconds
        on_partial_batch_item_failure      = "AUTOMATIC_BISECT"

        dead_letter_config {
          arn = aws_sqs_queue.dead_letter[0].arn
        }
      }
    }
  }

  target_parameters {
    lambda_function_parameters {
      invocation_type = "REQUEST_RESPONSE"
    }
  }

  lifecycle {
    # A replacement would start again, and skip or repeat records.
    ignore_changes = [
      source_parameters[0].dynamodb_stream_parameters[0].starting_position,
      source_parameters[0].kinesis_stream_parameters[0].starting_position,
      source_parameters[0].kinesis_stream_parameters[0].starting_position_timestamp,
    ]
  }

  depends_on = [aws_iam_role_policy.pipe]
}

# A pipe's dead letters contain the records' position in the stream, not the records: they can be read only while the
# stream retains them.
resource "aws_sqs_queue" "dead_letter" {
  count = local.has_mapping ? 0 : 1

  name                      = "${var.name}-dead-letter"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = contains(keys(local.keys), "queue") ? null : true
  kms_master_key_id         = local.key_arns["queue"]
  tags                      = var.tags
}
