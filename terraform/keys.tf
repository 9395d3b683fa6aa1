# Customer managed KMS keys, by use.

locals {
  # Use => { arn }. Which uses have a key is known at plan, even where its ARN is not.
  keys = {
    for use in local.key_uses : use => contains(keys(var.kms_keys), use) ? var.kms_keys[use] : var.kms_key
    if contains(keys(var.kms_keys), use) || (var.kms_key != null && use != "source")
  }

  key_arns = { for use in local.key_uses : use => contains(keys(local.keys), use) ? local.keys[use].arn : null }

  # Keys of what is read: of a created table or stream, and of existing ones.
  source_keys = distinct(concat(
    contains(keys(local.keys), "table") && local.reads == "dynamodb" && length(local.created_tables) > 0 ? [local.key_arns["table"]] : [],
    contains(keys(local.keys), "stream") && length(local.created_streams) > 0 ? [local.key_arns["stream"]] : [],
    contains(keys(local.keys), "source") ? [local.key_arns["source"]] : [],
  ))

  source_key_statements = length(local.source_keys) == 0 ? [] : [{
    Sid      = "DecryptRecords"
    Effect   = "Allow"
    Action   = ["kms:Decrypt"]
    Resource = local.source_keys
  }]

  # kms_keys names the key of existing buckets, too. kms_key applies to created ones only.
  names_bucket_key = contains(keys(var.kms_keys), "buckets")

  bucket_key_statements = !contains(keys(local.keys), "buckets") || (length(local.buckets) == 0 && !local.names_bucket_key) ? [] : [{
    Sid      = "EncryptObjects"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = [local.key_arns["buckets"]]
  }]

  environment_key_statements = !contains(keys(local.keys), "environment") ? [] : [{
    Sid      = "DecryptEnvironment"
    Effect   = "Allow"
    Action   = ["kms:Decrypt"]
    Resource = [local.key_arns["environment"]]
  }]

  queue_key_statements = !contains(keys(local.keys), "queue") || local.has_mapping ? [] : [{
    Sid      = "EncryptDeadLetters"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = [local.key_arns["queue"]]
  }]

  pipe_key_statements = !contains(keys(local.keys), "pipe") || local.has_mapping ? [] : [{
    Sid      = "DecryptPipe"
    Effect   = "Allow"
    Action   = ["kms:Decrypt"]
    Resource = [local.key_arns["pipe"]]
  }]
}
