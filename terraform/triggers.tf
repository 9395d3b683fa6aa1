# What hands changes to the function: table, streams, and the mapping or the pipe that reads them.

locals {
  reads = var.stream_source == "pipe" ? var.pipe_source : var.stream_source

  makes_table  = var.table_stream_arn == null && var.existing_table_name == null && var.kinesis_stream_arn == null
  makes_stream = local.reads == "kinesis" && var.kinesis_stream_arn == null

  # An existing Kinesis stream without a table has its own producers.
  feeds_kinesis = local.reads == "kinesis" && (local.makes_table || var.existing_table_name != null)

  table_name = local.makes_table ? aws_dynamodb_table.this[0].name : var.existing_table_name != null ? var.existing_table_name : try(
  regex("table/([^/]+)/", var.table_stream_arn)[0], null)

  source_arn = (
    local.makes_stream ? aws_kinesis_stream.this[0].arn :
    local.reads == "kinesis" ? var.kinesis_stream_arn :
    local.makes_table ? aws_dynamodb_table.this[0].stream_arn :
    var.table_stream_arn
  )
}

resource "aws_dynamodb_table" "this" {
  count = local.makes_table ? 1 : 0

  name                        = var.table_name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = var.hash_key
  range_key                   = var.range_key
  stream_enabled              = local.reads == "dynamodb"
  stream_view_type            = local.reads == "dynamodb" ? var.stream_view_type : null
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  dynamic "attribute" {
    for_each = merge({ (var.hash_key) = var.hash_key_type }, var.range_key == null ? {} : { (var.range_key) = var.range_key_type })

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  point_in_time_recovery {
    enabled = var.point_in_time_recovery
  }

  # Without this block DynamoDB encrypts with a key of its own.
  dynamic "server_side_encryption" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value
    }
  }

  dynamic "ttl" {
    for_each = var.ttl_attribute == null ? [] : [var.ttl_attribute]

    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }
}

resource "aws_kinesis_stream" "this" {
  count = local.makes_stream ? 1 : 0

  name             = var.name
  shard_count      = var.kinesis_shards
  retention_period = var.kinesis_retention_hours
  encryption_type  = "KMS"
  kms_key_id       = coalesce(var.kms_key_arn, "alias/aws/kinesis")
  tags             = var.tags

  stream_mode_details {
    stream_mode = var.kinesis_shards == null ? "ON_DEMAND" : "PROVISIONED"
  }
}

resource "aws_dynamodb_kinesis_streaming_destination" "this" {
  count = local.feeds_kinesis ? 1 : 0

  table_name = local.table_name
  stream_arn = local.source_arn
  # Records through Kinesis carry no sequence number of the table's: their time tells their order.
  approximate_creation_date_time_precision = "MICROSECOND"
}

resource "aws_lambda_event_source_mapping" "this" {
  count = local.has_mapping ? 1 : 0

  function_name                      = aws_lambda_function.this.arn
  event_source_arn                   = local.source_arn
  starting_position                  = var.starting_position
  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = var.maximum_batching_window_in_seconds
  parallelization_factor             = var.parallelization_factor
  tumbling_window_in_seconds         = var.tumbling_window_in_seconds
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = var.maximum_retry_attempts
  maximum_record_age_in_seconds      = var.maximum_record_age_in_seconds
  # Without it the function's PARTIAL_BATCH_RESPONSE would be taken for success.
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  # S3 is the one destination that also gets the records, not only their place in a stream that forgets them.
  destination_config {
    on_failure {
      destination_arn = aws_s3_bucket.this["failures"].arn
    }
  }

  dynamic "filter_criteria" {
    for_each = length(var.filter_patterns) == 0 ? [] : [var.filter_patterns]

    content {
      dynamic "filter" {
        for_each = filter_criteria.value

        content {
          pattern = filter.value
        }
      }
    }
  }
}

resource "aws_pipes_pipe" "this" {
  count = local.has_mapping ? 0 : 1

  name        = var.name
  description = "Hands the changes of ${var.pipe_source == "dynamodb" ? "a table" : "a Kinesis stream"} to ${var.name}"
  role_arn    = aws_iam_role.pipe[0].arn
  source      = local.source_arn
  target      = aws_lambda_function.this.arn
  tags        = var.tags

  source_parameters {
    dynamic "filter_criteria" {
      for_each = length(var.filter_patterns) == 0 ? [] : [var.filter_patterns]

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
      for_each = local.reads == "dynamodb" ? [true] : []

      content {
        starting_position                  = var.starting_position
        batch_size                         = var.batch_size
        maximum_batching_window_in_seconds = var.maximum_batching_window_in_seconds
        parallelization_factor             = var.parallelization_factor
        maximum_retry_attempts             = var.maximum_retry_attempts
        maximum_record_age_in_seconds      = var.maximum_record_age_in_seconds
        on_partial_batch_item_failure      = "AUTOMATIC_BISECT"

        dead_letter_config {
          arn = aws_sqs_queue.dead_letter[0].arn
        }
      }
    }

    dynamic "kinesis_stream_parameters" {
      for_each = local.reads == "kinesis" ? [true] : []

      content {
        starting_position                  = var.starting_position
        batch_size                         = var.batch_size
        maximum_batching_window_in_seconds = var.maximum_batching_window_in_seconds
        parallelization_factor             = var.parallelization_factor
        maximum_retry_attempts             = var.maximum_retry_attempts
        maximum_record_age_in_seconds      = var.maximum_record_age_in_seconds
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

  depends_on = [aws_iam_role_policy.pipe]
}

# A pipe's dead letters tell the records' place in the stream, not the records: fetch them while the stream keeps them.
resource "aws_sqs_queue" "dead_letter" {
  count = local.has_mapping ? 0 : 1

  name                      = "${var.name}-dead-letter"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  kms_master_key_id         = var.kms_key_arn
  tags                      = var.tags
}
