# An existing table whose stream a mapping reads.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
}

run "existing_table_is_read_and_not_managed" {
  command = apply

  variables {
    table = { stream_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/invoices/stream/2023-07-11T19:25:30.000" }
  }

  assert {
    condition     = length(aws_dynamodb_table.this) == 0 && aws_lambda_event_source_mapping.this["main"].event_source_arn == var.table.stream_arn && output.table_name == "invoices"
    error_message = "the existing table's stream is not what is read"
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.function[0].policy, "\"arn:aws:dynamodb:eu-west-1:123456789012:table/invoices/stream/*\"")
    error_message = "the function may not read the existing stream"
  }
}
