# What `lake = { … }` creates.

mock_provider "aws" {
  source = "./tests/mocks"

  override_resource {
    target = aws_s3_bucket.lake_data["this"]
    values = { id = "the-tables", bucket = "the-tables", arn = "arn:aws:s3:::the-tables" }
  }
}

variables {
  function_zip = "tests/bootstrap.zip"
  sinks        = ["s3"]
  table_name   = "orders"
  lake         = {}
}

run "nothing_without_lake" {
  command = plan

  variables {
    lake = null
  }

  assert {
    condition     = length(aws_glue_catalog_database.lake) + length(aws_athena_workgroup.people) + length(aws_sfn_state_machine.lake) + length(aws_s3_bucket.lake_data) + length(aws_cloudwatch_metric_alarm.lake) == 0 && output.lake == null
    error_message = "resources of a lake without one"
  }
}

run "database_has_the_tags" {
  command = plan

  variables {
    tags = { team = "orders" }
  }

  assert {
    condition     = aws_glue_catalog_database.lake["this"].tags == tomap({ team = "orders" })
    error_message = "the database has other tags"
  }
}

run "landing_reads_the_objects_of_its_table" {
  command = apply

  assert {
    condition = (aws_glue_catalog_table.landing["main"].name == "landing_orders"
      && aws_glue_catalog_table.landing["main"].storage_descriptor[0].location == "s3://the-lake/changes/table=orders/"
    && aws_glue_catalog_table.landing["main"].storage_descriptor[0].ser_de_info[0].serialization_library == "org.apache.hive.hcatalog.data.JsonSerDe")
    error_message = "found ${jsonencode(aws_glue_catalog_table.landing["main"].storage_descriptor[0])}"
  }

  assert {
    condition = aws_glue_catalog_table.landing["main"].parameters == tomap({
      EXTERNAL                        = "TRUE"
      classification                  = "json"
      "projection.enabled"            = "true"
      "projection.date.type"          = "date"
      "projection.date.format"        = "yyyy-MM-dd"
      "projection.date.range"         = "2023-01-01,NOW+1DAYS"
      "projection.date.interval"      = "1"
      "projection.date.interval.unit" = "DAYS"
      "storage.location.template"     = "s3://the-lake/changes/table=orders/date=$${date}/"
    })
    error_message = "found ${jsonencode(aws_glue_catalog_table.landing["main"].parameters)}"
  }

  assert {
    condition     = [for column in aws_glue_catalog_table.landing["main"].storage_descriptor[0].columns : "${column.name} ${column.type}"] == [for name in ["change_id", "event_id", "operation", "account", "region", "table", "source", "sequence_number", "version", "timestamp", "actor", "keys", "old", "new", "types", "changed"] : "${name} ${name == "changed" ? "array<string>" : "string"}"]
    error_message = "found ${jsonencode(aws_glue_catalog_table.landing["main"].storage_descriptor[0].columns)}"
  }
}

run "exports_have_a_root_of_their_own" {
  command = apply

  assert {
    condition = (aws_glue_catalog_table.exports["main"].name == "exports_orders"
      && aws_glue_catalog_table.exports["main"].parameters["storage.location.template"] == "s3://the-lake/exports/table=orders/export=$${export}/"
    && aws_glue_catalog_table.exports["main"].parameters["projection.export.type"] == "injected")
    error_message = "found ${jsonencode(aws_glue_catalog_table.exports["main"].parameters)}"
  }
}

run "recent_has_the_types_of_changes" {
  command = apply

  assert {
    condition = {
      for column in jsondecode(base64decode(regex("/\\* Presto View: (.*) \\*/", aws_glue_catalog_table.view["recent"].view_original_text)[0])).columns : column.name => column.type if column.type != "varchar"
    } == { timestamp = "timestamp(6)", changed = "array(varchar)" }
    error_message = "found ${base64decode(regex("/\\* Presto View: (.*) \\*/", aws_glue_catalog_table.view["recent"].view_original_text)[0])}"
  }

  assert {
    condition     = strcontains(jsondecode(base64decode(regex("/\\* Presto View: (.*) \\*/", aws_glue_catalog_table.view["recent"].view_original_text)[0])).originalSql, "FROM landing)")
    error_message = "recent does not read the view landing"
  }
}

run "several_tables_share_one_history" {
  command = apply

  variables {
    table_name = null
    tables     = { orders = {}, customers = { table_name = "Customers-v2" } }
  }

  assert {
    condition     = sort([for table in aws_glue_catalog_table.landing : table.name]) == sort(["landing_orders", "landing_customers_v2_${substr(sha256("Customers-v2"), 0, 8)}"])
    error_message = "found ${jsonencode([for table in aws_glue_catalog_table.landing : table.name])}"
  }

  assert {
    condition     = length(split(" UNION ALL ", jsondecode(base64decode(regex("/\\* Presto View: (.*) \\*/", aws_glue_catalog_table.view["landing"].view_original_text)[0])).originalSql)) == 2
    error_message = "landing does not hold both tables"
  }

  assert {
    condition     = aws_glue_catalog_table.landing["customers"].storage_descriptor[0].location == "s3://the-lake/changes/table=Customers-v2/"
    error_message = "found ${aws_glue_catalog_table.landing["customers"].storage_descriptor[0].location}"
  }
}

run "sink_with_a_bucket_and_prefix_of_its_own" {
  command = apply

  variables {
    sinks        = ["s3", "archive:s3"]
    sink_options = { s3 = { format = "json" }, archive = { bucket = "my-lake", prefix = "audit/" } }
  }

  assert {
    condition     = aws_glue_catalog_table.landing["main"].storage_descriptor[0].location == "s3://my-lake/audit/table=orders/"
    error_message = "found ${aws_glue_catalog_table.landing["main"].storage_descriptor[0].location}"
  }
}

run "workgroups_limit_people_and_not_merges" {
  command = apply

  variables {
    lake = { scan_limit_gb = 5 }
  }

  assert {
    condition = (aws_athena_workgroup.people["this"].configuration[0].bytes_scanned_cutoff_per_query == 5000000000
      && aws_athena_workgroup.people["this"].configuration[0].enforce_workgroup_configuration
      && try(coalesce(aws_athena_workgroup.merges["this"].configuration[0].bytes_scanned_cutoff_per_query, 0), 0) == 0
    && aws_athena_workgroup.merges["this"].configuration[0].enforce_workgroup_configuration)
    error_message = "found ${jsonencode(aws_athena_workgroup.merges["this"].configuration)}"
  }

  assert {
    condition = [for workgroup in [aws_athena_workgroup.people["this"], aws_athena_workgroup.merges["this"]] : [
      workgroup.configuration[0].result_configuration[0].output_location,
      workgroup.configuration[0].result_configuration[0].encryption_configuration[0].encryption_option,
    ]] == [["s3://the-tables/results/people/", "SSE_S3"], ["s3://the-tables/results/merges/", "SSE_S3"]]
    error_message = "results are elsewhere or not encrypted"
  }
}

run "results_are_encrypted_with_the_buckets_key" {
  command = apply

  variables {
    kms_keys = { buckets = { arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000001" } }
  }

  assert {
    condition = (aws_athena_workgroup.people["this"].configuration[0].result_configuration[0].encryption_configuration[0].encryption_option == "SSE_KMS"
    && contains([for statement in jsondecode(aws_iam_role_policy.lake_merge["this"].policy).Statement : statement.Sid], "UseObjectKey"))
    error_message = "the key of the buckets is not used"
  }
}

run "iceberg_files_never_expire" {
  command = apply

  variables {
    lake_expiration_days = 90
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.lake_data["this"].rule : rule.filter[0].prefix if length(rule.expiration) > 0] == ["results/"]
    error_message = "a rule other than that of results/ expires objects"
  }

  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.this["lake"].rule : contains(["changes/", "exports/"], rule.filter[0].prefix) if length(rule.expiration) > 0])
    error_message = "a rule of the landing bucket reaches beyond the prefixes of changes and exports"
  }

  assert {
    condition     = strcontains(local.lake_statements["create"], "LOCATION 's3://the-tables/iceberg/changes/'")
    error_message = "found ${local.lake_statements["create"]}"
  }
}

run "saved_queries_read_both_sources" {
  command = apply

  assert {
    condition = sort(keys(aws_athena_named_query.people)) == sort(concat(["verify_changes"], flatten([for name in ["attribute_history", "changes_per_hour", "current_state", "deletes", "duplicates", "item_history", "state_at"] :
    ["${name}_changes", "${name}_recent"]])))
    error_message = "found ${jsonencode(keys(aws_athena_named_query.people))}"
  }

  assert {
    condition     = alltrue([for name, query in aws_athena_named_query.people : !strcontains(query.query, "$${source}") && strcontains(query.query, "FROM ${reverse(split("_", name))[0]}")])
    error_message = "a saved query does not read its source"
  }

  assert {
    condition     = [for name, query in aws_athena_named_query.people : name if strcontains(query.description, "does not include exports")] == ["current_state_recent", "state_at_recent"]
    error_message = "found ${jsonencode({ for name, query in aws_athena_named_query.people : name => query.description })}"
  }

  assert {
    condition     = sort(keys(aws_athena_named_query.merges)) == sort(["merge", "merge_export_main", "unmerged"]) && strcontains(aws_athena_named_query.merges["merge_export_main"].query, "FROM exports_orders WHERE")
    error_message = "found ${jsonencode(keys(aws_athena_named_query.merges))}"
  }
}

run "history_only_with_filters" {
  command = plan

  variables {
    filter_patterns = ["{\"eventName\":[\"INSERT\"]}"]
  }

  assert {
    condition     = !local.lake_has_state
    error_message = "a filtered history has no state"
  }
}

run "schedule_starts_the_merge" {
  command = apply

  variables {
    lake = { schedule = "rate(15 minutes)", schedule_enabled = false }
  }

  assert {
    condition = (aws_scheduler_schedule.lake["this"].schedule_expression == "rate(15 minutes)"
      && aws_scheduler_schedule.lake["this"].state == "DISABLED"
    && aws_scheduler_schedule.lake["this"].target[0].arn == aws_sfn_state_machine.lake["this"].arn)
    error_message = "found ${jsonencode(aws_scheduler_schedule.lake["this"])}"
  }
}
