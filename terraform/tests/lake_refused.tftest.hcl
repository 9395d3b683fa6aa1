# What `lake = { … }` refuses at plan.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
  sinks        = ["s3"]
}

run "lake_without_an_s3_sink" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    sinks = ["firehose"]
    lake  = {}
  }
}

run "lake_with_another_format" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    sink_options = { s3 = { format = "json" } }
    lake         = {}
  }
}

run "lake_with_two_sinks_and_no_choice" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    sinks        = ["s3", "archive:s3"]
    sink_options = { archive = { prefix = "archive/" } }
    lake         = {}
  }
}

run "lake_with_an_unknown_sink" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    lake = { sink = "archive" }
  }
}

run "database_in_uppercase" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    lake = { database = "Orders" }
  }
}

run "since_that_is_no_date" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    lake = { since = "yesterday" }
  }
}

run "schedule_that_is_no_expression" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    lake = { schedule = "hourly" }
  }
}

run "window_of_more_days_than_one_statement" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    lake = { window_days = 29 }
  }
}

run "scan_limit_of_nothing" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    lake = { scan_limit_gb = 0 }
  }
}

run "cron_without_hours_until_stalled" {
  command         = plan
  expect_failures = [aws_cloudwatch_metric_alarm.lake]

  variables {
    lake = { schedule = "cron(0 3 * * ? *)" }
  }
}

run "stalled_after_more_than_a_week" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    lake = { stalled_after_hours = 169 }
  }
}

run "schedule_slower_than_the_alarm_sees" {
  command         = plan
  expect_failures = [aws_cloudwatch_metric_alarm.lake]

  variables {
    lake = { schedule = "rate(7 days)" }
  }
}

run "schedule_in_an_unknown_unit" {
  command         = plan
  expect_failures = [var.lake]

  variables {
    lake = { schedule = "rate(1 week)" }
  }
}
