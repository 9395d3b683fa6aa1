# Athena: a workgroup for people and one for the merges, and the statements of lake/ as saved queries.

locals {
  # The lines at the top of a statement are comments. What is left open is filled in by the state machine or a person.
  lake_texts = { for file in fileset("${path.module}/lake", "*.sql") : trimsuffix(file, ".sql") => file("${path.module}/lake/${file}") }
  lake_values = {
    database = local.lake_database == null ? "" : local.lake_database
    changes  = "changes"
    landing  = "landing"
    location = local.lake_iceberg == null ? "" : local.lake_iceberg
    # VACUUM removes older snapshots.
    snapshot_seconds = tostring(try(var.lake.snapshot_days, 0) * 86400)
  }
  lake_statements = {
    for name, text in local.lake_texts : name => trimspace(join("\n", [
      for line in split("\n", local.lake_filled[name]) : line if !startswith(line, "--")
    ]))
  }
  lake_filled = {
    for name, text in local.lake_texts : name => replace(replace(replace(replace(replace(text,
      "$${database}", local.lake_values.database),
      "$${changes}", local.lake_values.changes),
      "$${landing}", local.lake_values.landing),
      "$${location}", local.lake_values.location),
    "$${snapshot_seconds}", local.lake_values.snapshot_seconds)
  }

  # State needs every new image; a table without them has its history only. `verify` compares exports, which `recent`
  # does not hold.
  lake_states = local.lake_has_state ? ["current_state", "state_at"] : []
  lake_proofs = local.lake_has_state ? ["verify"] : []
  lake_reads  = ["attribute_history", "changes_per_hour", "deletes", "duplicates", "item_history"]

  # Name of a saved query => its text: over the Iceberg table, and over the changes in the landing objects.
  lake_saved = var.lake == null ? {} : merge([
    for source, names in {
      changes = concat(local.lake_reads, local.lake_states, local.lake_proofs)
      recent  = concat(local.lake_reads, local.lake_states)
    } : { for name in names : "${name}_${source}" => replace(local.lake_filled[name], "$${source}", source) }
  ]...)
  lake_export_merges = { for key, suffix in local.lake_suffixes : key => replace(local.lake_filled["merge_export"], "$${exports}", "exports_${suffix}") }
  lake_saved_merges = var.lake == null ? {} : merge(
    { for name in ["merge", "unmerged"] : name => local.lake_filled[name] },
    { for key in keys(local.captures) : "merge_export_${key}" => local.lake_export_merges[key] },
    # A stream without `table` has no exports, so a table may have its key.
    { for key, name in local.feeding_names : "merge_export_${name}" => local.lake_export_merges[key] },
  )
}

resource "aws_athena_workgroup" "people" {
  for_each = local.lake

  name          = var.name
  description   = "Queries over the lake of ${var.name}, up to ${each.value.scan_limit_gb} GB each"
  force_destroy = true # only results of queries, and saved queries that come from here
  tags          = var.tags

  configuration {
    bytes_scanned_cutoff_per_query     = each.value.scan_limit_gb * 1000000000
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true

    result_configuration {
      output_location       = "s3://${local.lake_data_bucket}/results/people/"
      expected_bucket_owner = local.account

      encryption_configuration {
        encryption_option = local.key_arns["buckets"] == null ? "SSE_S3" : "SSE_KMS"
        kms_key_arn       = local.key_arns["buckets"]
      }
    }
  }
}

# Without a limit: a MERGE that is cancelled half-way through its scan never gets done.
resource "aws_athena_workgroup" "merges" {
  for_each = local.lake

  name          = "${var.name}-merges"
  description   = "MERGE of changes and exports into the Iceberg table of ${var.name}, one at a time"
  force_destroy = true
  tags          = var.tags

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true

    result_configuration {
      output_location       = "s3://${local.lake_data_bucket}/results/merges/"
      expected_bucket_owner = local.account

      encryption_configuration {
        encryption_option = local.key_arns["buckets"] == null ? "SSE_S3" : "SSE_KMS"
        kms_key_arn       = local.key_arns["buckets"]
      }
    }
  }
}

resource "aws_athena_named_query" "people" {
  for_each = local.lake_saved

  name = each.key
  description = join(". ", compact([
    contains(local.lake_states, trimsuffix(each.key, "_recent")) ? "The state does not include exports, which only changes holds" : "",
    "Replace each parameter in braces with its value",
  ]))
  workgroup = aws_athena_workgroup.people["this"].name
  database  = aws_glue_catalog_database.lake["this"].name
  query     = each.value
}

resource "aws_athena_named_query" "merges" {
  for_each = local.lake_saved_merges

  name        = each.key
  description = "Replace each parameter in braces with its value"
  workgroup   = aws_athena_workgroup.merges["this"].name
  database    = aws_glue_catalog_database.lake["this"].name
  query       = each.value
}
