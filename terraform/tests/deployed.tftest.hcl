# Changes that would replace resources with unread changes are refused once something was deployed.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
  table_name   = "orders"
}

run "first_deployment_is_remembered" {
  command = apply

  assert {
    condition     = terraform_data.deployed["main"].input.table_name == "orders" && terraform_data.deployed["main"].input.stream_source == "dynamodb"
    error_message = "found ${jsonencode(terraform_data.deployed["main"].input)}"
  }
}

run "name_change_is_refused" {
  command = plan

  variables {
    name = "another"
  }

  expect_failures = [terraform_data.deployed]
}

run "stream_source_change_is_refused" {
  command = plan

  variables {
    stream_source = "kinesis"
  }

  expect_failures = [terraform_data.deployed]
}

run "stream_view_type_change_is_refused" {
  command = plan

  variables {
    stream_view_type = "NEW_IMAGE"
  }

  expect_failures = [terraform_data.deployed]
}

run "table_name_change_is_refused" {
  command = plan

  variables {
    table_name = "orders-v2"
  }

  expect_failures = [terraform_data.deployed]
}

run "table_keys_change_is_refused" {
  command = plan

  variables {
    range_key = "at"
  }

  expect_failures = [terraform_data.deployed]
}

run "starting_position_change_has_no_effect" {
  command = apply

  variables {
    starting_position = "LATEST"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this["main"].starting_position == "TRIM_HORIZON"
    error_message = "the mapping would be replaced, and would skip records"
  }
}

run "single_form_as_tables_changes_nothing" {
  command = apply

  variables {
    table_name = null
    tables     = { main = { table_name = "orders" }, customers = {} }
  }

  assert {
    condition     = keys(aws_dynamodb_table.this) == ["customers", "main"] && aws_dynamodb_table.this["main"].name == "orders"
    error_message = "found ${jsonencode({ for key, table in aws_dynamodb_table.this : key => table.name })}"
  }
}
