output "lake" {
  description = "Where the lake is queried: the Glue database, its tables and views, the Athena workgroups, the state machine that merges, the parameter with its progress, and where Iceberg's files are. null without a lake."
  value = var.lake == null ? null : {
    database           = aws_glue_catalog_database.lake["this"].name
    landing_tables     = [for table in aws_glue_catalog_table.landing : table.name]
    exports_tables     = [for table in aws_glue_catalog_table.exports : table.name]
    changes            = "changes"
    recent             = aws_glue_catalog_table.view["recent"].name
    workgroup          = aws_athena_workgroup.people["this"].name
    merge_workgroup    = aws_athena_workgroup.merges["this"].name
    state_machine_arn  = aws_sfn_state_machine.lake["this"].arn
    progress_parameter = aws_ssm_parameter.lake_merged["this"].name
    iceberg_location   = local.lake_iceberg
    has_state_queries  = local.lake_has_state
    reader_policy_json = jsonencode({ Version = "2012-10-17", Statement = local.lake_reader["people"] })
  }
}
