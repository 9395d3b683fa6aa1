# Settings of function, table and buckets that are refused at plan.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
}

run "name_must_fit_buckets_and_roles" {
  command = plan

  variables {
    name = "Orders_Audit"
  }

  expect_failures = [var.name]
}

run "tags_cannot_be_aws_own" {
  command = plan

  variables {
    tags = { "aws:team" = "data" }
  }

  expect_failures = [var.tags]
}

run "package_is_a_zip" {
  command = plan

  variables {
    function_zip = "target/lambda/bootstrap"
  }

  expect_failures = [var.function_zip]
}

run "architecture_is_one_of_two" {
  command = plan

  variables {
    architecture = "riscv"
  }

  expect_failures = [var.architecture]
}

run "memory_size_is_a_whole_number" {
  command = plan

  variables {
    memory_size = 256.5
  }

  expect_failures = [var.memory_size]
}

run "timeout_ends_at_fifteen_minutes" {
  command = plan

  variables {
    timeout = 901
  }

  expect_failures = [var.timeout]
}

run "concurrency_is_never_zero" {
  command = plan

  variables {
    reserved_concurrency = 0
  }

  expect_failures = [var.reserved_concurrency]
}

run "log_level_is_a_known_one" {
  command = plan

  variables {
    log_level = "trace"
  }

  expect_failures = [var.log_level]
}

run "log_retention_is_one_that_aws_allows" {
  command = plan

  variables {
    log_retention_in_days = 31
  }

  expect_failures = [var.log_retention_in_days]
}

run "table_name_is_not_an_arn" {
  command = plan

  variables {
    table_name = "table/orders"
  }

  expect_failures = [var.table_name]
}

run "hash_key_has_a_name" {
  command = plan

  variables {
    hash_key = ""
  }

  expect_failures = [var.hash_key]
}

run "hash_key_type_is_a_letter" {
  command = plan

  variables {
    hash_key_type = "string"
  }

  expect_failures = [var.hash_key_type]
}

run "keys_differ" {
  command = plan

  variables {
    range_key = "referenceId"
  }

  expect_failures = [var.range_key]
}

run "range_key_type_is_a_letter" {
  command = plan

  variables {
    range_key_type = "BOOL"
  }

  expect_failures = [var.range_key_type]
}

run "stream_view_type_is_a_known_one" {
  command = plan

  variables {
    stream_view_type = "NEW"
  }

  expect_failures = [var.stream_view_type]
}

run "ttl_attribute_has_a_name" {
  command = plan

  variables {
    ttl_attribute = ""
  }

  expect_failures = [var.ttl_attribute]
}

run "key_comes_by_arn" {
  command = plan

  variables {
    kms_key = { arn = "alias/changes" }
  }

  expect_failures = [var.kms_key]
}

run "lake_keeps_a_day_at_least" {
  command = plan

  variables {
    lake_expiration_days = 0
  }

  expect_failures = [var.lake_expiration_days]
}

run "failures_stay_a_day_at_least" {
  command = plan

  variables {
    failures_expiration_days = 0
  }

  expect_failures = [var.failures_expiration_days]
}

run "old_versions_stay_a_day_at_least" {
  command = plan

  variables {
    noncurrent_version_days = 0
  }

  expect_failures = [var.noncurrent_version_days]
}

run "firehose_buffers_fifteen_minutes_at_most" {
  command = plan

  variables {
    firehose_buffering_seconds = 901
  }

  expect_failures = [var.firehose_buffering_seconds]
}

run "firehose_buffers_one_mib_at_least" {
  command = plan

  variables {
    firehose_buffering_mib = 0
  }

  expect_failures = [var.firehose_buffering_mib]
}

run "firehose_compression_is_one_that_readers_know" {
  command = plan

  variables {
    firehose_compression = "Snappy"
  }

  expect_failures = [var.firehose_compression]
}
