# Up to three roles: of the function, of Firehose and of the pipe. policies.tf has their permissions.

locals {
  # User of a role => whether there is one.
  users = {
    function = true
    firehose = length(local.created.firehose) > 0
    pipe     = !local.has_mapping
  }

  creates_role = { for user, used in local.users : user => used && !contains(keys(var.existing_roles), user) }

  function_role_arn = local.creates_role.function ? aws_iam_role.function[0].arn : var.existing_roles["function"].arn
  firehose_role_arn = local.creates_role.firehose ? aws_iam_role.firehose[0].arn : local.users.firehose ? var.existing_roles["firehose"].arn : null
  pipe_role_arn     = local.creates_role.pipe ? aws_iam_role.pipe[0].arn : local.users.pipe ? var.existing_roles["pipe"].arn : null

  # Firehose and Pipes may assume the role only on behalf of this account, which each of them names in a condition key of
  # its own. Lambda sends none when it starts a function.
  trust = {
    for service, condition in { lambda = null, firehose = "sts:ExternalId", pipes = "aws:SourceAccount" } : service => jsonencode({
      Version = "2012-10-17"
      Statement = [merge(
        { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "${service}.amazonaws.com" } },
        condition == null ? {} : { Condition = { StringEquals = { (condition) = local.account } } },
      )]
    })
  }
}

resource "aws_iam_role" "function" {
  count = local.creates_role.function ? 1 : 0

  name_prefix          = "${var.name}-function-"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.trust["lambda"]
  tags                 = var.tags
}

resource "aws_iam_role_policy" "function" {
  count = local.creates_role.function ? 1 : 0

  name   = "changefan"
  role   = aws_iam_role.function[0].id
  policy = local.function_policy
}

resource "aws_iam_role" "firehose" {
  count = local.creates_role.firehose ? 1 : 0

  name_prefix          = "${var.name}-firehose-"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.trust["firehose"]
  tags                 = var.tags
}

resource "aws_iam_role_policy" "firehose" {
  count = local.creates_role.firehose ? 1 : 0

  name   = "lake"
  role   = aws_iam_role.firehose[0].id
  policy = local.firehose_policy
}

resource "aws_iam_role" "pipe" {
  count = local.creates_role.pipe ? 1 : 0

  name_prefix          = "${var.name}-pipe-"
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.trust["pipes"]
  tags                 = var.tags
}

resource "aws_iam_role_policy" "pipe" {
  count = local.creates_role.pipe ? 1 : 0

  name   = "pipe"
  role   = aws_iam_role.pipe[0].id
  policy = local.pipe_policy
}
