# An existing table whose stream a pipe reads.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
}

run "pipe_reads_an_existing_table" {
  command = apply

  variables {
    stream_source = "pipe"
    table         = { stream_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/invoices/stream/2023-07-11T19:25:30.000" }
  }

  assert {
    condition     = aws_pipes_pipe.this["main"].source == var.table.stream_arn && length(aws_dynamodb_table.this) == 0
    error_message = "the pipe does not read the existing stream"
  }
}
