# What a root may have beside the module. No ARN is known at plan, and neither is a name, but for the tables' and streams'.

# Names of resources without a name_prefix end with an id that only an apply makes.
resource "terraform_data" "suffix" {}

resource "aws_dynamodb_table" "orders" {
  name             = "beside-orders"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_kinesis_stream" "orders" {
  name        = "beside-orders"
  shard_count = 1
}

resource "aws_s3_bucket" "existing" {
  for_each = toset(["access-logs", "exports", "failures", "iceberg", "lake", "packages"])

  bucket_prefix = "beside-${each.key}-"
}

resource "aws_s3_object" "package" {
  bucket = aws_s3_bucket.existing["packages"].bucket
  key    = "changefan-${terraform_data.suffix.id}.zip"
  source = var.function_zip
}

resource "aws_cloudwatch_log_group" "audit" {
  name_prefix = "/beside/audit/"
}

resource "aws_kinesis_firehose_delivery_stream" "orders" {
  name        = "beside-${terraform_data.suffix.id}"
  destination = "extended_s3"

  extended_s3_configuration {
    role_arn   = aws_iam_role.existing["firehose"].arn
    bucket_arn = aws_s3_bucket.existing["lake"].arn
  }
}

resource "aws_cloudwatch_event_bus" "orders" {
  name = "beside-${terraform_data.suffix.id}"
}

resource "aws_sns_topic" "on_call" {
  name_prefix = "beside-on-call-"
}

resource "aws_sqs_queue" "journal" {
  name_prefix = "beside-journal-"
}

resource "aws_kms_key" "all" {
  description = "Key of everything"
}

resource "aws_iam_role" "existing" {
  for_each = { firehose = "firehose", function = "lambda", pipe = "pipes" }

  name_prefix = "beside-${each.key}-"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "${each.value}.amazonaws.com" } }]
  })
}

resource "aws_iam_policy" "boundary" {
  name_prefix = "beside-boundary-"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] })
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/24"
}

resource "aws_subnet" "function" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.0.0.0/25"
}

resource "aws_security_group" "function" {
  name_prefix = "beside-"
  vpc_id      = aws_vpc.this.id
}

resource "aws_efs_file_system" "this" {}

resource "aws_efs_access_point" "function" {
  file_system_id = aws_efs_file_system.this.id
}

resource "aws_lambda_layer_version" "ca_bundle" {
  layer_name = "beside-ca-bundle"
  filename   = var.function_zip
}

resource "aws_signer_signing_profile" "this" {
  name_prefix = "beside"
  platform_id = "AWSLambda-SHA384-ECDSA"
}

resource "aws_lambda_code_signing_config" "this" {
  allowed_publishers {
    signing_profile_version_arns = [aws_signer_signing_profile.this.version_arn]
  }
}
