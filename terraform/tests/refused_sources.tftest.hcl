# Sources and batching that are refused at plan.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
}

run "source_is_one_of_three" {
  command = plan

  variables {
    stream_source = "sqs"
  }

  expect_failures = [var.stream_source]
}

run "pipe_source_is_one_of_two" {
  command = plan

  variables {
    stream_source = "pipe"
    pipe_source   = "sqs"
  }

  expect_failures = [var.pipe_source]
}

run "pipe_source_needs_a_pipe" {
  command = plan

  variables {
    pipe_source = "kinesis"
  }

  expect_failures = [var.pipe_source]
}

run "stream_arn_is_not_the_table_s" {
  command = plan

  variables {
    table = { stream_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" }
  }

  expect_failures = [var.table]
}

run "table_stream_is_not_for_kinesis" {
  command = plan

  variables {
    stream_source = "kinesis"
    table         = { stream_arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000" }
  }

  expect_failures = [var.table]
}

run "existing_table_comes_by_name" {
  command = plan

  variables {
    stream_source = "kinesis"
    table         = { name = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" }
  }

  expect_failures = [var.table]
}

run "existing_table_name_is_for_kinesis" {
  command = plan

  variables {
    table = { name = "orders" }
  }

  expect_failures = [var.table]
}

run "kinesis_stream_comes_by_arn" {
  command = plan

  variables {
    stream_source  = "kinesis"
    kinesis_stream = { arn = "orders-changes" }
  }

  expect_failures = [var.kinesis_stream]
}

run "kinesis_stream_is_for_kinesis" {
  command = plan

  variables {
    kinesis_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks" }
  }

  expect_failures = [var.kinesis_stream]
}

run "shards_are_at_least_one" {
  command = plan

  variables {
    stream_source  = "kinesis"
    kinesis_shards = 0
  }

  expect_failures = [var.kinesis_shards]
}

run "kinesis_keeps_a_day_at_least" {
  command = plan

  variables {
    stream_source           = "kinesis"
    kinesis_retention_hours = 23
  }

  expect_failures = [var.kinesis_retention_hours]
}

run "starting_position_at_timestamp_needs_kinesis" {
  command = plan

  variables {
    starting_position = "AT_TIMESTAMP"
  }

  expect_failures = [var.starting_position]
}

run "batch_size_has_an_end" {
  command = plan

  variables {
    batch_size = 10001
  }

  expect_failures = [var.batch_size]
}

run "batching_window_has_an_end" {
  command = plan

  variables {
    maximum_batching_window_in_seconds = 301
  }

  expect_failures = [var.maximum_batching_window_in_seconds]
}

run "parallelization_factor_has_an_end" {
  command = plan

  variables {
    parallelization_factor = 11
  }

  expect_failures = [var.parallelization_factor]
}

run "retries_have_an_end" {
  command = plan

  variables {
    maximum_retry_attempts = -2
  }

  expect_failures = [var.maximum_retry_attempts]
}

run "record_age_has_an_end" {
  command = plan

  variables {
    maximum_record_age_in_seconds = -1
  }

  expect_failures = [var.maximum_record_age_in_seconds]
}

run "record_age_ends_before_the_table_s_stream" {
  command = plan

  variables {
    maximum_record_age_in_seconds = 86400
  }

  expect_failures = [var.maximum_record_age_in_seconds]
}

run "record_age_ends_before_the_kinesis_stream" {
  command = plan

  variables {
    stream_source                 = "kinesis"
    kinesis_retention_hours       = 48
    maximum_record_age_in_seconds = 172800
  }

  expect_failures = [var.maximum_record_age_in_seconds]
}

run "pipes_have_no_tumbling_windows" {
  command = plan

  variables {
    stream_source              = "pipe"
    tumbling_window_in_seconds = 60
  }

  expect_failures = [var.tumbling_window_in_seconds]
}

run "filter_pattern_is_json" {
  command = plan

  variables {
    filter_patterns = ["eventName = INSERT"]
  }

  expect_failures = [var.filter_patterns]
}

run "filter_pattern_is_an_object" {
  command = plan

  variables {
    filter_patterns = ["[]"]
  }

  expect_failures = [var.filter_patterns]
}

run "pipe_takes_five_filter_patterns" {
  command = plan

  variables {
    stream_source   = "pipe"
    filter_patterns = ["{}", "{}", "{}", "{}", "{}", "{}"]
  }

  expect_failures = [var.filter_patterns]
}
