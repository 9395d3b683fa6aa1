# The scheduled MERGE: a state machine that runs the statements, the schedule that starts it, and its progress.

locals {
  # A failed call is repeated; the query's own failure is judged by the state machine.
  lake_retry = jsonencode([{ ErrorEquals = ["States.ALL"], IntervalSeconds = 5, MaxAttempts = 5, BackoffRate = 2, JitterStrategy = "FULL" }])

  lake_steps = var.lake == null ? "" : templatefile("${path.module}/lake/plan.jsonata", {
    since         = var.lake.since
    window_days   = var.lake.window_days
    unmerged_days = var.lake.unmerged_days
  })

  lake_definition = var.lake == null ? "" : templatefile("${path.module}/lake/merge.asl.json", {
    partition  = data.aws_partition.current.partition
    name       = var.name
    database   = local.lake_database
    workgroup  = "${var.name}-merges"
    parameter  = local.lake_parameter
    retry      = local.lake_retry
    statements = jsonencode({ for name in ["create", "merge", "optimize", "vacuum", "unmerged"] : name => local.lake_statements[name] })
    steps      = jsonencode("{% ${local.lake_steps} %}")
  })

  lake_parameter     = "/${var.name}/lake/merged"
  lake_machine       = "${var.name}-lake"
  lake_machine_arn   = "${local.arn}:states:${local.here}:stateMachine:${local.lake_machine}"
  lake_parameter_arn = "${local.arn}:ssm:${local.here}:parameter${local.lake_parameter}"
}

# The day up to which changes are merged. The state machine writes it; it is not a secret.
resource "aws_ssm_parameter" "lake_merged" {
  # checkov:skip=CKV2_AWS_34:the value is a date
  for_each = local.lake

  name        = local.lake_parameter
  description = "Day up to which ${var.name} has merged changes into the Iceberg table. An earlier day makes the next run merge again from there."
  type        = "String"
  value       = each.value.since
  tags        = var.tags

  lifecycle {
    ignore_changes = [value]
  }
}

resource "aws_sfn_state_machine" "lake" {
  # checkov:skip=CKV_AWS_284:tracing is the user's choice: variable tracing
  # checkov:skip=CKV_AWS_285:failures are logged; the history of a standard state machine is kept by the service
  for_each = local.lake

  name       = local.lake_machine
  role_arn   = aws_iam_role.lake_merge["this"].arn
  definition = local.lake_definition
  tags       = var.tags

  tracing_configuration {
    enabled = var.tracing
  }

  # Failures only, without the data of states.
  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.lake["this"].arn}:*"
  }

  depends_on = [aws_iam_role_policy.lake_merge]
}

resource "aws_cloudwatch_log_group" "lake" {
  # checkov:skip=CKV_AWS_338:the retention is the user's choice: variable log_retention_in_days
  for_each = local.lake

  name              = "/aws/vendedlogs/states/${local.lake_machine}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = local.key_arns["logs"]
  tags              = var.tags
}

resource "aws_scheduler_schedule" "lake" {
  for_each = local.lake

  name                         = local.lake_machine
  description                  = "Starts the merge of changes into the lake of ${var.name}"
  schedule_expression          = each.value.schedule
  schedule_expression_timezone = "UTC"
  state                        = each.value.schedule_enabled ? "ENABLED" : "DISABLED"
  kms_key_arn                  = local.key_arns["environment"]

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.lake["this"].arn
    role_arn = aws_iam_role.lake_schedule["this"].arn
    input    = "{}"

    retry_policy {
      maximum_event_age_in_seconds = 1800
      maximum_retry_attempts       = 10
    }
  }
}
