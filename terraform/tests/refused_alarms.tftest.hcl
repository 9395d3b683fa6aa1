# Contradictory settings of alarms.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
}

run "kinds_are_known" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { thresholds = { iteratorage = 600 } }
  }
}

run "disabled_kinds_are_known" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { disabled = ["trottles"] }
  }
}

run "kinds_of_the_lake_have_no_threshold" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { thresholds = { lake_failed = 1 } }
  }
}

run "thresholds_are_not_negative" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { thresholds = { errors = -1 } }
  }
}

run "share_of_successful_writes_is_at_most_one" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { thresholds = { firehose_success = 95 } }
  }
}

run "duration_is_at_most_all_of_the_time" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { thresholds = { duration = 101 } }
  }
}

run "periods_are_whole_minutes" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { periods = { errors = 90 } }
  }
}

run "periods_of_an_evaluation_fit_in_a_week" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { periods = { silence = 302460 } }
  }
}

run "topics_are_topics" {
  command         = plan
  expect_failures = [var.alarms]

  variables {
    alarms = { topic_arns = ["on-call"] }
  }
}
