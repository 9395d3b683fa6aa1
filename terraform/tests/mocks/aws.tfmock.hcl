# What AWS would answer, where the module or the provider's own checks look at it.

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_region" {
  defaults = { id = "eu-west-1" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_resource "aws_lambda_function" {
  defaults = { arn = "arn:aws:lambda:eu-west-1:123456789012:function:changefan" }
}

mock_resource "aws_lambda_event_source_mapping" {
  defaults = { uuid = "0f1e2d3c-0000-4000-8000-000000000000" }
}

mock_resource "aws_iam_role" {
  defaults = { id = "changefan-role", arn = "arn:aws:iam::123456789012:role/changefan-role" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:GROUP" }
}

mock_resource "aws_kinesis_firehose_delivery_stream" {
  defaults = { arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/changefan" }
}

mock_resource "aws_dynamodb_table" {
  defaults = {
    arn        = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
    stream_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000"
  }
}

mock_resource "aws_kinesis_stream" {
  defaults = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/changefan" }
}

mock_resource "aws_pipes_pipe" {
  defaults = { arn = "arn:aws:pipes:eu-west-1:123456789012:pipe/changefan" }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:eu-west-1:123456789012:changefan-dead-letter"
    url = "https://sqs.eu-west-1.amazonaws.com/123456789012/changefan-dead-letter"
  }
}

mock_resource "aws_s3_bucket" {
  defaults = { id = "BUCKET", bucket = "BUCKET", arn = "arn:aws:s3:::BUCKET" }
}

override_resource {
  target = aws_s3_bucket.this["lake"]
  values = { id = "the-lake", bucket = "the-lake", arn = "arn:aws:s3:::the-lake" }
}

override_resource {
  target = aws_s3_bucket.this["failures"]
  values = { id = "the-failures", bucket = "the-failures", arn = "arn:aws:s3:::the-failures" }
}

override_resource {
  target = aws_cloudwatch_log_group.function
  values = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/changefan" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
}

mock_resource "aws_kinesis_stream_consumer" {
  defaults = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/changefan/consumer/changefan:1700000000" }
}

mock_resource "aws_lambda_alias" {
  defaults = { arn = "arn:aws:lambda:eu-west-1:123456789012:function:changefan:live" }
}

mock_resource "aws_dynamodb_table_export" {
  defaults = { arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/export/01700000000000-abcdef01" }
}

mock_resource "aws_sfn_state_machine" {
  defaults = { arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:changefan-lake" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:on-call" }
}

mock_resource "aws_iam_policy" {
  defaults = { arn = "arn:aws:iam::123456789012:policy/boundary" }
}

mock_resource "aws_efs_file_system" {
  defaults = { arn = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-0a1b" }
}

mock_resource "aws_efs_access_point" {
  defaults = { arn = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0a1b" }
}

mock_resource "aws_lambda_layer_version" {
  defaults = { arn = "arn:aws:lambda:eu-west-1:123456789012:layer:ca-bundle:3" }
}

mock_resource "aws_signer_signing_profile" {
  defaults = { version_arn = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/beside/0a1b2c3d4e" }
}

mock_resource "aws_lambda_code_signing_config" {
  defaults = { arn = "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0a1b2c3d4e5f6a7b8" }
}
