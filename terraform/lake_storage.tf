# A bucket for the Iceberg table and for query results. The landing bucket's lifecycle rules must never reach Iceberg's files.

locals {
  lake_creates_data = var.lake == null ? false : var.lake.existing_data_bucket == null
  lake_data         = local.lake_creates_data ? { this = var.lake } : {}
  lake_data_bucket  = var.lake == null ? null : local.lake_creates_data ? aws_s3_bucket.lake_data["this"].bucket : var.lake.existing_data_bucket.name
  # VACUUM deletes what it does not know below the location, so it is a separate folder.
  lake_iceberg = var.lake == null ? null : "s3://${local.lake_data_bucket}/iceberg/changes/"
}

resource "aws_s3_bucket" "lake_data" {
  # checkov:skip=CKV2_AWS_6:aws_s3_bucket_public_access_block.lake_data; its key is not followed
  # checkov:skip=CKV2_AWS_61:aws_s3_bucket_lifecycle_configuration.lake_data; its key is not followed
  # checkov:skip=CKV2_AWS_62:nothing consumes events of this bucket; readers query it
  # checkov:skip=CKV_AWS_18:the bucket for access logs is the user's choice: variable access_logs
  # checkov:skip=CKV_AWS_21:aws_s3_bucket_versioning.lake_data; its key is not followed
  # checkov:skip=CKV_AWS_144:replication doubles the cost and is the user's choice, on the bucket that the outputs name
  # checkov:skip=CKV_AWS_145:the key is the user's choice: variable kms_key
  # checkov:skip=CKV_AWS_19:aws_s3_bucket_server_side_encryption_configuration.lake_data encrypts the bucket; its conditional algorithm is not evaluated
  for_each = local.lake_data

  bucket_prefix = "${var.name}-iceberg-"
  force_destroy = var.force_destroy
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "lake_data" {
  for_each = local.lake_data

  bucket                  = aws_s3_bucket.lake_data[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "lake_data" {
  for_each = local.lake_data

  bucket = aws_s3_bucket.lake_data[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyEncryptedConnections"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.lake_data["this"].arn, "${aws_s3_bucket.lake_data["this"].arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # S3 rejects two concurrent changes of a bucket's access.
  depends_on = [aws_s3_bucket_public_access_block.lake_data]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "lake_data" {
  for_each = local.lake_data

  bucket = aws_s3_bucket.lake_data[each.key].id

  rule {
    bucket_key_enabled = contains(keys(local.keys), "buckets")

    apply_server_side_encryption_by_default {
      sse_algorithm     = contains(keys(local.keys), "buckets") ? "aws:kms" : "AES256"
      kms_master_key_id = local.key_arns["buckets"]
    }
  }
}

resource "aws_s3_bucket_versioning" "lake_data" {
  for_each = local.lake_data

  bucket = aws_s3_bucket.lake_data[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_logging" "lake_data" {
  for_each = var.access_logs == null ? {} : local.lake_data

  bucket        = aws_s3_bucket.lake_data[each.key].id
  target_bucket = var.access_logs.bucket
  target_prefix = "${var.access_logs.prefix}iceberg/"
}

# Only results expire. An expiring file of the Iceberg table would break the table.
resource "aws_s3_bucket_lifecycle_configuration" "lake_data" {
  for_each = local.lake_data

  bucket = aws_s3_bucket.lake_data[each.key].id

  rule {
    id     = "tidy"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }
  }

  rule {
    id     = "expire results/"
    status = "Enabled"

    filter {
      prefix = "results/"
    }

    expiration {
      days = each.value.query_results_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.lake_data]
}
