# Each example applies.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
}

run "example_smallest_applies" {
  command = apply

  module {
    source = "./examples/smallest"
  }

  assert {
    condition     = output.table_name == "changefan" && output.log_group == "/aws/lambda/changefan"
    error_message = "found ${jsonencode(output.log_group)}"
  }
}

run "example_audit_lake_applies" {
  command = apply

  module {
    source = "./examples/audit-lake"
  }

  assert {
    condition     = output.table_name == "orders" && output.lake_bucket != null
    error_message = "found ${jsonencode(output.lake_bucket)}"
  }
}

run "example_table_beside_applies" {
  command = apply

  module {
    source = "./examples/table-beside"
  }

  assert {
    condition     = output.table_name == "orders" && output.lake_bucket != null
    error_message = "found ${jsonencode(output.table_name)}"
  }
}

run "example_several_tables_applies" {
  command = apply

  module {
    source = "./examples/several-tables"
  }

  assert {
    condition     = output.table_names == { customers = "shop-customers", orders = "shop-orders", readings = "shop-readings" }
    error_message = "found ${jsonencode(output.table_names)}"
  }
}

run "example_kinesis_applies" {
  command = apply

  module {
    source = "./examples/kinesis"
  }

  assert {
    condition     = output.table_name == "orders-kinesis" && output.stream_arn == "arn:aws:kinesis:eu-west-1:123456789012:stream/changefan"
    error_message = "found ${jsonencode(output.stream_arn)}"
  }
}

run "example_pipe_applies" {
  command = apply

  module {
    source = "./examples/pipe"
  }

  assert {
    condition     = output.table_name == "orders-pipe" && output.dead_letter_queue_url == "https://sqs.eu-west-1.amazonaws.com/123456789012/changefan-dead-letter"
    error_message = "found ${jsonencode(output.dead_letter_queue_url)}"
  }
}

run "example_two_of_a_kind_applies" {
  command = apply

  module {
    source = "./examples/two-of-a-kind"
  }

  assert {
    condition     = output.table_name == "orders-twice" && output.lake_bucket != null
    error_message = "found ${jsonencode(output.lake_bucket)}"
  }
}

run "example_locked_down_applies" {
  command = apply

  module {
    source = "./examples/locked-down"
  }

  assert {
    condition     = output.table_name == "orders-locked-down" && output.lake_bucket != null
    error_message = "found ${jsonencode(output.lake_bucket)}"
  }
}
