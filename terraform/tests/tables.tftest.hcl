# Several tables for one function.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
  sinks        = ["s3"]
  hash_key     = "id"
  tables = {
    orders = {
      hash_key        = "referenceId"
      filter_patterns = ["{\"eventName\":[\"INSERT\"]}"]
      batch_size      = 100
    }
    customers = {
      range_key         = "at"
      range_key_type    = "N"
      starting_position = "LATEST"
      enabled           = false
    }
    invoices = {
      table = { stream_arn = "arn:aws:dynamodb:eu-central-1:210987654321:table/invoices/stream/2023-07-11T19:25:30.000" }
    }
  }
}

override_resource {
  target = aws_dynamodb_table.this["customers"]
  values = {
    arn        = "arn:aws:dynamodb:eu-west-1:123456789012:table/customers"
    stream_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/customers/stream/2024-01-01T00:00:00.000"
  }
}

run "tables_are_created_or_existing" {
  command = apply

  assert {
    condition     = jsonencode({ for key, table in aws_dynamodb_table.this : key => [table.name, table.hash_key, table.range_key] }) == jsonencode({ customers = ["customers", "id", "at"], orders = ["orders", "referenceId", null] })
    error_message = "found ${jsonencode({ for key, table in aws_dynamodb_table.this : key => [table.name, table.hash_key, table.range_key] })}"
  }

  assert {
    condition     = output.table_names == { customers = "customers", invoices = "invoices", orders = "orders" } && output.table_name == null && output.stream_arn == null
    error_message = "found ${jsonencode(output.table_names)}"
  }
}

run "tables_have_their_own_mappings" {
  command = apply

  assert {
    condition = { for key, mapping in aws_lambda_event_source_mapping.this : key => [mapping.batch_size, mapping.maximum_batching_window_in_seconds, mapping.starting_position, mapping.enabled, length(mapping.filter_criteria)] } == {
      customers = [10000, 60, "LATEST", false, 0]
      invoices  = [10000, 60, "TRIM_HORIZON", true, 0]
      orders    = [100, 60, "TRIM_HORIZON", true, 1]
    }
    error_message = "found ${jsonencode({ for key, mapping in aws_lambda_event_source_mapping.this : key => [mapping.batch_size, mapping.maximum_batching_window_in_seconds, mapping.starting_position, mapping.enabled, length(mapping.filter_criteria)] })}"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["invoices"].event_source_arn == "arn:aws:dynamodb:eu-central-1:210987654321:table/invoices/stream/2023-07-11T19:25:30.000"
    error_message = "the existing table's stream is not read"
  }
}

run "tables_are_the_allowed_sources" {
  command = apply

  assert {
    condition     = aws_lambda_function.this.environment[0].variables["ALLOWED_SOURCES"] == "eu-west-1:123456789012:customers,eu-central-1:210987654321:invoices,eu-west-1:123456789012:orders"
    error_message = "found ${aws_lambda_function.this.environment[0].variables["ALLOWED_SOURCES"]}"
  }
}

run "tables_share_the_reader_statements" {
  command = apply

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.function[0].policy).Statement : statement.Resource if startswith(statement.Sid, "Read") || startswith(statement.Sid, "List")] == [
      [
        "arn:aws:dynamodb:eu-west-1:123456789012:table/customers/stream/2024-01-01T00:00:00.000",
        "arn:aws:dynamodb:eu-central-1:210987654321:table/invoices/stream/2023-07-11T19:25:30.000",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000",
      ],
      [
        "arn:aws:dynamodb:eu-west-1:123456789012:table/customers/stream/*",
        "arn:aws:dynamodb:eu-central-1:210987654321:table/invoices/stream/*",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/*",
      ],
    ]
    error_message = "found ${aws_iam_role_policy.function[0].policy}"
  }
}

run "stream_policy_is_for_existing_streams_only" {
  command = apply

  assert {
    condition = { for key, policy in output.stream_policies : key => jsondecode(policy).Statement } == { invoices = [{
      Sid       = "AllowReader"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:role/changefan-role" }
      Action    = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
      Resource  = "arn:aws:dynamodb:eu-central-1:210987654321:table/invoices/stream/2023-07-11T19:25:30.000"
    }] }
    error_message = "found ${jsonencode(output.stream_policies)}"
  }
}

run "table_added_keeps_the_others" {
  command = plan

  variables {
    tables = {
      orders    = { hash_key = "referenceId" }
      customers = { range_key = "at", range_key_type = "N" }
      invoices  = { table = { stream_arn = "arn:aws:dynamodb:eu-central-1:210987654321:table/invoices/stream/2023-07-11T19:25:30.000" } }
      readings  = {}
    }
  }

  assert {
    condition     = keys(aws_dynamodb_table.this) == ["customers", "orders", "readings"]
    error_message = "found ${jsonencode(keys(aws_dynamodb_table.this))}"
  }
}

run "partition_name_of_200_bytes_is_kept" {
  command = plan

  variables {
    tables = { long = { table_name = join("", [for n in range(20) : "abcdefghi_"]) } }
  }

  assert {
    condition     = output.partition_names["long"] == join("", [for n in range(20) : "abcdefghi_"])
    error_message = "found ${output.partition_names["long"]}"
  }
}

run "partition_name_of_201_bytes_is_shortened" {
  command = plan

  variables {
    tables = { long = { table_name = "${join("", [for n in range(20) : "abcdefghi_"])}x" } }
  }

  assert {
    condition     = output.partition_names["long"] == "${join("", [for n in range(16) : "abcdefghi_"])}-${substr(sha256("${join("", [for n in range(20) : "abcdefghi_"])}x"), 0, 32)}"
    error_message = "found ${output.partition_names["long"]}"
  }
}
