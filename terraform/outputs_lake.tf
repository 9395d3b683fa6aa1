output "lake" {
  description = "Where the lake is queried: the Glue database, its tables and views, the Athena workgroups, the state machine that merges, its role, the parameter with its progress, and where Iceberg's files are; and the policies of a person who queries (reader_policy_json) and of one who merges an export or starts the state machine (merger_policy_json). null without a lake."
  value = var.lake == null ? null : {
    database           = aws_glue_catalog_database.lake["this"].name
    landing_tables     = [for key in local.lake_keys : aws_glue_catalog_table.landing[key].name if local.lake_is_first[key]]
    exports_tables     = [for key in local.lake_keys : aws_glue_catalog_table.exports[key].name if local.lake_is_first[key]]
    changes            = "changes"
    recent             = aws_glue_catalog_table.view["recent"].name
    workgroup          = aws_athena_workgroup.people["this"].name
    merge_workgroup    = aws_athena_workgroup.merges["this"].name
    state_machine_arn  = aws_sfn_state_machine.lake["this"].arn
    merge_role_arn     = aws_iam_role.lake_merge["this"].arn
    progress_parameter = aws_ssm_parameter.lake_merged["this"].name
    iceberg_location   = local.lake_iceberg
    has_state_queries  = local.lake_has_state
    reader_policy_json = local.lake_policies["reader"]
    merger_policy_json = local.lake_policies["merger"]
  }
}
