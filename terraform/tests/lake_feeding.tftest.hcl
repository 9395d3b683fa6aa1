# The lake over an existing Kinesis stream without `table`: the tables in allowed_sources feed it.

mock_provider "aws" {
  source = "./tests/mocks"

  override_resource {
    target = aws_s3_bucket.lake_data["this"]
    values = { id = "the-tables", bucket = "the-tables", arn = "arn:aws:s3:::the-tables" }
  }
}

variables {
  function_zip    = "tests/bootstrap.zip"
  sinks           = ["s3"]
  lake            = {}
  stream_source   = "kinesis"
  kinesis_stream  = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" }
  allowed_sources = ["eu-west-1:123456789012:orders", "us-east-1:123456789012:orders", "eu-west-1:123456789012:Customers", "eu-west-1:123456789012:stream/clicks"]
}

run "tables_that_feed_a_stream_are_read_from_their_partitions" {
  command = apply

  assert {
    condition = { for table in aws_glue_catalog_table.landing : table.name => table.storage_descriptor[0].location if contains(output.lake.landing_tables, table.name) } == {
      landing_clicks                                           = "s3://the-lake/changes/table=clicks/"
      landing_orders                                           = "s3://the-lake/changes/table=orders/"
      "landing_customers_${substr(sha256("Customers"), 0, 8)}" = "s3://the-lake/changes/table=Customers/"
    }
    error_message = "found ${jsonencode({ for table in aws_glue_catalog_table.landing : table.name => table.storage_descriptor[0].location })}"
  }

  assert {
    condition     = sort(regexall("landing_[a-z0-9_]+", jsondecode(base64decode(regex("/\\* Presto View: (.*) \\*/", aws_glue_catalog_table.view["landing"].view_original_text)[0])).originalSql)) == sort(output.lake.landing_tables)
    error_message = "found ${base64decode(regex("/\\* Presto View: (.*) \\*/", aws_glue_catalog_table.view["landing"].view_original_text)[0])}"
  }

  assert {
    condition     = strcontains(aws_athena_named_query.merges["merge_export_orders"].query, "FROM exports_orders WHERE") && contains(output.lake.exports_tables, "exports_orders")
    error_message = "found ${jsonencode(keys(aws_athena_named_query.merges))}"
  }

  assert {
    condition     = length(distinct([for table in concat(values(aws_glue_catalog_table.landing), values(aws_glue_catalog_table.exports)) : table.name])) == length(aws_glue_catalog_table.landing) + length(aws_glue_catalog_table.exports)
    error_message = "two Glue tables have one name"
  }

  assert {
    condition     = keys(output.partition_names) == ["main"]
    error_message = "found ${jsonencode(output.partition_names)}"
  }
}

run "table_with_the_key_of_a_stream_has_its_own_export_query" {
  command = plan

  variables {
    kinesis_stream  = null
    tables          = { orders = { kinesis_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" } } }
    allowed_sources = ["eu-west-1:123456789012:orders"]
  }

  assert {
    condition     = strcontains(local.lake_saved_merges["merge_export_orders"], "FROM exports_orders WHERE")
    error_message = "found ${local.lake_saved_merges["merge_export_orders"]}"
  }
}

run "tables_without_allowed_sources_are_not_known" {
  command = plan

  variables {
    allowed_sources = []
  }

  assert {
    condition     = [for table in aws_glue_catalog_table.landing : table.name] == ["landing_clicks"]
    error_message = "found ${jsonencode([for table in aws_glue_catalog_table.landing : table.name])}"
  }
}
