# A message per object that the event source mapping writes after it gave up on a batch. No free metric counts these
# objects: S3's request metrics and the mapping's EventCount metrics are billed as custom metrics.

locals {
  has_on_failure_events = local.has_mapping && local.has_alarm["on_failure_objects"] && (contains(local.buckets, "failures") || var.alarms.failures_bucket_events)
}

# Through EventBridge, because S3 sends a test message to a queue that it notifies directly. A bucket has one
# notification configuration: an existing bucket's is left to its owner.
resource "aws_s3_bucket_notification" "failures" {
  count = local.has_on_failure_events && contains(local.buckets, "failures") ? 1 : 0

  bucket      = aws_s3_bucket.this["failures"].id
  eventbridge = true
}

resource "aws_cloudwatch_event_rule" "on_failure" {
  count = local.has_on_failure_events ? 1 : 0

  name        = "${var.name}-on-failure"
  description = "Objects that the event source mapping of ${var.name} writes after it gave up on a batch"
  tags        = var.tags
  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [local.failures_bucket] }
      object = { key = [{ prefix = "aws/lambda/" }] } # where a mapping's destination writes
    }
  })
}

resource "aws_cloudwatch_event_target" "on_failure" {
  count = local.has_on_failure_events ? 1 : 0

  rule = aws_cloudwatch_event_rule.on_failure[0].name
  arn  = aws_sqs_queue.on_failure[0].arn

  depends_on = [aws_sqs_queue_policy.on_failure]
}

# The messages name bucket and key, and stay until an operator purges the queue.
resource "aws_sqs_queue" "on_failure" {
  count = local.has_on_failure_events ? 1 : 0

  name                      = "${var.name}-on-failure"
  message_retention_seconds = 1209600 # the longest that SQS allows
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "on_failure" {
  count = local.has_on_failure_events ? 1 : 0

  queue_url = aws_sqs_queue.on_failure[0].url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NotifyOfFailures"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.on_failure[0].arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.on_failure[0].arn } }
    }]
  })
}
