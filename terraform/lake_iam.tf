# Two roles: of the state machine, under which Athena works, and of the schedule.

locals {
  lake_trust = {
    for service in ["scheduler", "states"] : service => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "${service}.amazonaws.com" }
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      }]
    })
  }
}

resource "aws_iam_role" "lake_merge" {
  for_each = local.lake

  name_prefix          = "${var.name}-lake-"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.lake_trust["states"]
  tags                 = var.tags
}

resource "aws_iam_role_policy" "lake_merge" {
  for_each = local.lake

  name   = "merge"
  role   = aws_iam_role.lake_merge["this"].id
  policy = local.lake_policies["merge_role"]
}

resource "aws_iam_role" "lake_schedule" {
  for_each = local.lake

  name_prefix          = "${var.name}-schedule-"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.lake_trust["scheduler"]
  tags                 = var.tags
}

resource "aws_iam_role_policy" "lake_schedule" {
  for_each = local.lake

  name = "start"
  role = aws_iam_role.lake_schedule["this"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([{
      Sid      = "StartMerge"
      Effect   = "Allow"
      Action   = ["states:StartExecution"]
      Resource = [local.lake_machine_arn]
      }], local.key_arns["environment"] == null ? [] : [{
      Sid      = "DecryptSchedule"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [local.key_arns["environment"]]
    }])
  })
}
