# Sinks and options that are refused at plan.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
}

run "environment_cannot_set_sinks" {
  command = plan

  variables {
    environment = { SINKS = "stdout" }
  }

  expect_failures = [var.environment]
}

run "environment_with_sink_option_is_refused" {
  command = plan

  variables {
    sinks       = ["archive:s3"]
    environment = { ARCHIVE_BUCKET = "elsewhere" }
  }

  expect_failures = [var.environment]
}

run "extra_statement_names_resources" {
  command = plan

  variables {
    extra_policy_statements = [{ actions = ["sqs:SendMessage"], resources = [] }]
  }

  expect_failures = [var.extra_policy_statements]
}

run "sinks_are_not_empty" {
  command = plan

  variables {
    sinks = []
  }

  expect_failures = [var.sinks]
}

run "sink_type_is_a_known_one" {
  command = plan

  variables {
    sinks = ["stdout", "kafka"]
  }

  expect_failures = [var.sinks]
}

run "sink_entry_has_one_colon" {
  command = plan

  variables {
    sinks = ["a:b:s3"]
  }

  expect_failures = [var.sinks]
}

run "sink_name_is_lowercase" {
  command = plan

  variables {
    sinks = ["Archive:s3"]
  }

  expect_failures = [var.sinks]
}

run "sink_names_differ" {
  command = plan

  variables {
    sinks = ["s3", "s3:firehose"]
  }

  expect_failures = [var.sinks]
}

run "file_sink_is_refused_on_lambda" {
  command = plan

  variables {
    sinks = ["file"]
  }

  expect_failures = [var.sinks]
}

run "file_cannot_be_a_custom_type" {
  command = plan

  variables {
    custom_sink_types = ["file"]
  }

  expect_failures = [var.custom_sink_types]
}

run "options_belong_to_an_entry" {
  command = plan

  variables {
    sinks        = ["archive:s3"]
    sink_options = { s3 = { prefix = "a/" } }
  }

  expect_failures = [var.sink_options]
}

run "misspelt_option_is_an_error" {
  command = plan

  variables {
    sinks        = ["s3"]
    sink_options = { s3 = { compresion = "zstd" } }
  }

  expect_failures = [var.sink_options]
}

run "uppercase_option_is_an_error" {
  command = plan

  variables {
    sinks             = ["webhook"]
    custom_sink_types = ["webhook"]
    sink_options      = { webhook = { URL = "https://example.com" } }
  }

  expect_failures = [var.sink_options]
}

run "format_is_a_known_one" {
  command = plan

  variables {
    sink_options = { stdout = { format = "xml" } }
  }

  expect_failures = [var.sink_options]
}

run "compression_is_a_known_one" {
  command = plan

  variables {
    sinks        = ["s3"]
    sink_options = { s3 = { compression = "lz4" } }
  }

  expect_failures = [var.sink_options]
}

run "prefix_ends_with_a_slash" {
  command = plan

  variables {
    sinks        = ["s3"]
    sink_options = { s3 = { prefix = "changes" } }
  }

  expect_failures = [var.sink_options]
}

run "pack_is_a_number_of_bytes" {
  command = plan

  variables {
    sinks        = ["firehose"]
    sink_options = { firehose = { pack = "yes" } }
  }

  expect_failures = [var.sink_options]
}

run "pack_fits_a_firehose_record" {
  command = plan

  variables {
    sinks        = ["firehose"]
    sink_options = { firehose = { pack = 1024001 } }
  }

  expect_failures = [var.sink_options]
}

run "option_is_not_empty" {
  command = plan

  variables {
    sinks        = ["s3"]
    sink_options = { s3 = { bucket = "" } }
  }

  expect_failures = [var.sink_options]
}

run "sink_names_differ_in_more_than_underscores" {
  command = plan

  variables {
    sinks = ["cold_archive:s3", "cold-archive:firehose"]
  }

  expect_failures = [var.sinks]
}

run "sink_is_not_named_like_aws_variables" {
  command = plan

  variables {
    sinks = ["aws:s3"]
  }

  expect_failures = [var.sinks]
}

run "numbers_are_numbers_or_strings" {
  command = plan

  variables {
    sink_options = { stdout = { numbers = "float" } }
  }

  expect_failures = [var.sink_options]
}

run "prefix_does_not_begin_with_a_slash" {
  command = plan

  variables {
    sinks        = ["s3"]
    sink_options = { s3 = { prefix = "/changes/" } }
  }

  expect_failures = [var.sink_options]
}

run "numbers_with_rows_are_refused" {
  command = plan

  variables {
    sinks        = ["s3"]
    sink_options = { s3 = { numbers = "string" } }
  }

  expect_failures = [var.sink_options]
}

run "bus_as_arn_is_refused" {
  command = plan

  variables {
    sinks        = ["eventbridge"]
    sink_options = { eventbridge = { bus = "arn:aws:events:eu-west-1:123456789012:event-bus/orders" } }
  }

  expect_failures = [var.sink_options]
}

run "file_outside_the_file_system_is_refused" {
  command = plan

  variables {
    sinks        = ["file"]
    sink_options = { file = { dir = "/tmp/lake" } }
    vpc_config   = { subnet_ids = ["subnet-0a1b"], security_group_ids = ["sg-0a1b"] }
    file_system = {
      access_point_arn = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0a1b"
      file_system_arn  = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-0a1b"
      local_mount_path = "/mnt/lake"
    }
  }

  expect_failures = [var.sink_options]
}

run "environment_with_metrics_is_refused" {
  command = plan

  variables {
    environment = { METRICS = "none" }
  }

  expect_failures = [var.environment]
}

run "allowed_source_without_region_is_refused" {
  command = plan

  variables {
    allowed_sources = ["orders"]
  }

  expect_failures = [var.allowed_sources]
}
