# The lake bucket, which holds the changes, and the failures bucket, which holds what was not delivered, with its payload.

locals {
  creates_lake   = length(local.created.s3) + length(local.created.firehose) > 0
  needs_failures = local.has_mapping || var.quarantine

  buckets = toset(concat(
    local.creates_lake ? ["lake"] : [],
    local.needs_failures && var.failures_bucket == null ? ["failures"] : [],
  ))

  failures_bucket     = !local.needs_failures ? null : var.failures_bucket == null ? aws_s3_bucket.this["failures"].bucket : var.failures_bucket.name
  failures_bucket_arn = "${local.arn}:s3:::${coalesce(local.failures_bucket, "none")}"

  # Objects of `changefan backfill`, beside those of the sinks.
  exports_prefix = "exports/"

  # Prefixes whose objects are written once, by the function, which sends If-None-Match.
  immutable_prefixes = {
    lake     = [for name in local.created.s3 : local.s3_prefixes[name]]
    failures = var.quarantine ? [var.quarantine_prefix] : []
  }

  # Firehose, Lambda's on-failure destination and multipart uploads' single parts do not send If-None-Match.
  immutable_statements = {
    for bucket, prefixes in local.immutable_prefixes : bucket => [{
      Sid       = "OnlyNewObjects"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:PutObject"
      Resource  = [for prefix in prefixes : "${aws_s3_bucket.this[bucket].arn}/${prefix}*"]
      Condition = {
        Null = { "s3:if-none-match" = "true" }
        Bool = { "s3:ObjectCreationOperation" = "true" }
      }
    }] if var.deny_unconditional_writes && contains(local.buckets, bucket) && length(prefixes) > 0
  }

  bucket_policies = {
    for bucket in local.buckets : bucket => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [{
          Sid       = "OnlyEncryptedConnections"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = [aws_s3_bucket.this[bucket].arn, "${aws_s3_bucket.this[bucket].arn}/*"]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        }],
        contains(keys(local.immutable_statements), bucket) ? local.immutable_statements[bucket] : [],
        contains(keys(var.bucket_policies), bucket) ? flatten([jsondecode(replace(var.bucket_policies[bucket], "{bucket_arn}", aws_s3_bucket.this[bucket].arn)).Statement]) : [],
      )
    })
  }

  # Lifecycle rules of the lake name the prefixes of the sinks and of the exports, and leave others alone.
  lifecycle_prefixes = {
    lake     = concat(local.lake_prefixes, length(local.created.firehose) > 0 ? ["errors/"] : [], [local.exports_prefix])
    failures = [""]
  }

  expiration_days = { lake = var.lake_expiration_days, failures = var.failures_expiration_days }
}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV2_AWS_62:nothing consumes events of these buckets; readers query them
  # checkov:skip=CKV_AWS_144:replication doubles the cost and is the user's choice, on the bucket that the outputs name
  # checkov:skip=CKV_AWS_145:the key is the user's choice: variable kms_key
  # checkov:skip=CKV_AWS_19:aws_s3_bucket_server_side_encryption_configuration.this encrypts both buckets; its conditional algorithm is not evaluated
  for_each = local.buckets

  bucket_prefix = "${var.name}-${each.key}-"
  force_destroy = var.force_destroy
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id
  policy = local.bucket_policies[each.key]

  # S3 rejects two concurrent changes of a bucket's access.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    bucket_key_enabled = contains(keys(local.keys), "buckets")

    apply_server_side_encryption_by_default {
      sse_algorithm     = contains(keys(local.keys), "buckets") ? "aws:kms" : "AES256"
      kms_master_key_id = local.key_arns["buckets"]
    }
  }
}

# Both may hold the only copy of a change, so a deletion must be reversible.
resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = { for bucket, lock in var.object_lock : bucket => lock if contains(local.buckets, bucket) }

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    default_retention {
      mode  = each.value.mode
      days  = each.value.days
      years = each.value.years
    }
  }

  # Object Lock can be enabled on an existing bucket once it is versioned.
  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_logging" "this" {
  for_each = var.access_logs == null ? [] : local.buckets

  bucket        = aws_s3_bucket.this[each.key].id
  target_bucket = var.access_logs.bucket
  target_prefix = "${var.access_logs.prefix}${each.key}/"
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

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

  dynamic "rule" {
    for_each = local.expiration_days[each.key] == null ? [] : local.lifecycle_prefixes[each.key]

    content {
      id     = trimsuffix("expire ${rule.value}", " ")
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      expiration {
        days = local.expiration_days[each.key]
      }
    }
  }

  dynamic "rule" {
    for_each = each.key != "lake" || length(var.lake_transitions) == 0 ? [] : local.lifecycle_prefixes[each.key]

    content {
      id     = "transition ${rule.value}"
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      dynamic "transition" {
        for_each = var.lake_transitions

        content {
          days          = transition.value.days
          storage_class = transition.value.storage_class
        }
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
