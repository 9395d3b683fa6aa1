# A Kinesis stream that the module created is not deleted with unread changes.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip  = "tests/bootstrap.zip"
  stream_source = "kinesis"
  table         = { name = "invoices" }
}

run "created_stream_is_remembered" {
  command = apply

  assert {
    condition     = terraform_data.deployed["main"].input.creates_stream
    error_message = "found ${jsonencode(terraform_data.deployed["main"].input)}"
  }
}

run "created_stream_replaced_by_an_existing_one_is_refused" {
  command = plan

  variables {
    kinesis_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" }
  }

  expect_failures = [terraform_data.deployed]
}

run "created_stream_stays_without_the_variable" {
  command = plan

  assert {
    condition     = aws_kinesis_stream.this["main"].name == "changefan" && local.identities["main"].creates_stream
    error_message = "the created stream is not in the plan"
  }
}
