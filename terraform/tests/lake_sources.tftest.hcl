# The lake over sources other than a table with both images that the module creates.

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

run "history_only_without_new_images" {
  command = plan

  variables {
    stream_view_type = "KEYS_ONLY"
  }

  assert {
    condition     = length([for name in keys(aws_athena_named_query.people) : name if startswith(name, "state_at") || startswith(name, "current_state") || startswith(name, "verify")]) == 0 && length(aws_athena_named_query.people) == 10
    error_message = "found ${jsonencode(keys(aws_athena_named_query.people))}"
  }
}

run "history_only_for_a_stream_with_its_own_producers" {
  command = plan

  variables {
    stream_source  = "kinesis"
    table_name     = null
    kinesis_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" }
  }

  assert {
    condition     = !local.lake_has_state && aws_glue_catalog_table.landing["main"].name == "landing_clicks"
    error_message = "found ${aws_glue_catalog_table.landing["main"].name}"
  }
}

run "allowed_sources_beside_tables_make_no_landing_table" {
  command = plan

  variables {
    allowed_sources = ["eu-west-1:123456789012:invoices"]
  }

  assert {
    condition     = [for table in aws_glue_catalog_table.landing : table.name] == ["landing_orders"]
    error_message = "found ${jsonencode([for table in aws_glue_catalog_table.landing : table.name])}"
  }
}

run "existing_table_is_read_from_its_partition" {
  command = apply

  variables {
    table_name = null
    table      = { stream_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/invoices/stream/2024-01-01T00:00:00.000" }
  }

  assert {
    condition     = aws_glue_catalog_table.landing["main"].storage_descriptor[0].location == "s3://the-lake/changes/table=invoices/" && output.lake.has_state_queries
    error_message = "found ${aws_glue_catalog_table.landing["main"].storage_descriptor[0].location}"
  }
}

run "tables_of_one_name_are_read_once" {
  command = apply

  variables {
    table_name = null
    tables = {
      here  = { table = { stream_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000" } }
      there = { table = { stream_arn = "arn:aws:dynamodb:eu-west-1:210987654321:table/orders/stream/2024-01-01T00:00:00.000" } }
    }
  }

  assert {
    condition     = output.lake.landing_tables == ["landing_orders"] && output.lake.exports_tables == ["exports_orders"]
    error_message = "found ${jsonencode(output.lake)}"
  }

  assert {
    condition     = aws_glue_catalog_table.landing["here"].name != aws_glue_catalog_table.landing["there"].name && aws_glue_catalog_table.exports["here"].name != aws_glue_catalog_table.exports["there"].name
    error_message = "two Glue tables have one name"
  }

  assert {
    condition     = !strcontains(jsondecode(base64decode(regex("/\\* Presto View: (.*) \\*/", aws_glue_catalog_table.view["landing"].view_original_text)[0])).originalSql, "UNION ALL")
    error_message = "the objects of both tables are read twice"
  }
}
