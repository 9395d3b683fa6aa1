# The function: its package, size, environment and logs.

variable "function_zip" {
  description = "Path of the function's deployment package. Default: target/lambda/changefan.zip beside the module."
  type        = string
  default     = null

  validation {
    condition     = var.function_zip == null || endswith(coalesce(var.function_zip, "-"), ".zip")
    error_message = "found function_zip = ${jsonencode(var.function_zip)}; expected the path of a .zip file that contains an executable named bootstrap; example: function_zip = \"target/lambda/changefan.zip\"."
  }

  validation {
    condition     = var.function_zip == null || var.function_package == null
    error_message = "found function_zip and function_package; expected at most one of them; example: function_package = { bucket = \"artifacts\", key = \"changefan.zip\" }."
  }
}

variable "function_package" {
  description = "Deployment package in S3, instead of function_zip. source_code_hash is the package's SHA-256 in Base64; without it, a new object is deployed only if key or object_version changes."
  type = object({
    bucket           = string
    key              = string
    object_version   = optional(string)
    source_code_hash = optional(string)
  })
  default = null
}

variable "architecture" {
  description = "Instruction set that the deployment package was built for: x86_64 or arm64."
  type        = string
  default     = "x86_64"
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "found architecture = ${jsonencode(var.architecture)}; allowed: \"x86_64\", \"arm64\"; it must be the one that the package was built for."
  }
}

variable "memory_size" {
  description = "Memory of the function in MB. Its CPU share is proportional to it."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "found memory_size = ${var.memory_size}; expected a whole number of MB from 128 to 10240; example: memory_size = 512."
  }
}

variable "timeout" {
  description = "Timeout of an invocation in seconds. It includes the retries of the sinks."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 900 && floor(var.timeout) == var.timeout
    error_message = "found timeout = ${var.timeout}; expected a whole number of seconds from 1 to 900; example: timeout = 60."
  }
}

variable "reserved_concurrency" {
  description = "Reserved concurrency of the function. null uses the account's unreserved pool."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "found reserved_concurrency = ${jsonencode(var.reserved_concurrency)}; expected null or a whole number from 1 (with 0 the function never runs while the stream's records expire; use enabled = false to pause); example: reserved_concurrency = 20."
  }
}

variable "layers" {
  description = "ARNs of layer versions, for example one that contains a CA bundle."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.layers) <= 5 && alltrue([for arn in var.layers : can(regex("^arn:[^:]+:lambda:[^:]+:[0-9]{12}:layer:[^:]+:[0-9]+$", arn))])
    error_message = "found layers = ${jsonencode(var.layers)}; expected up to 5 ARNs of layer versions; example: layers = [\"arn:aws:lambda:eu-west-1:123456789012:layer:ca-bundle:3\"]."
  }
}

variable "alias" {
  description = "Alias that the mapping or pipe invokes. If set, each deployment publishes a version and the alias points to it; null invokes $LATEST."
  type        = string
  default     = null

  validation {
    condition     = var.alias == null || can(regex("^[a-zA-Z][a-zA-Z0-9_-]{0,127}$", var.alias))
    error_message = "found alias = ${jsonencode(var.alias)}; expected null or letters, digits, underscores and hyphens, starting with a letter; example: alias = \"live\"."
  }
}

variable "code_signing_config_arn" {
  description = "ARN of a code signing configuration. Lambda then accepts only packages that its publishers signed."
  type        = string
  default     = null
}

variable "vpc_config" {
  description = "Subnets and security groups of the function. They must reach every destination, through endpoints or a NAT gateway."
  type = object({
    subnet_ids                  = list(string)
    security_group_ids          = list(string)
    ipv6_allowed_for_dual_stack = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.vpc_config == null || try(length(var.vpc_config.subnet_ids) > 0 && length(var.vpc_config.security_group_ids) > 0, false)
    error_message = "found vpc_config without subnets or without security groups; expected at least one of each; example: vpc_config = { subnet_ids = [\"subnet-0a1b\"], security_group_ids = [\"sg-0a1b\"] }."
  }
}

variable "file_system" {
  description = "EFS access point that is mounted into the function, for example for a file sink. Needs vpc_config."
  type = object({
    access_point_arn = string
    file_system_arn  = string
    local_mount_path = string
  })
  default = null

  validation {
    condition     = var.file_system == null || can(regex("^/mnt/[a-zA-Z0-9_.-]+$", var.file_system.local_mount_path))
    error_message = "found file_system.local_mount_path = ${jsonencode(try(var.file_system.local_mount_path, null))}; expected a path below /mnt/; example: local_mount_path = \"/mnt/lake\"."
  }

  validation {
    condition     = var.file_system == null || var.vpc_config != null
    error_message = "found file_system without vpc_config; a function mounts a file system only inside a VPC; example: vpc_config = { subnet_ids = [\"subnet-0a1b\"], security_group_ids = [\"sg-0a1b\"] }."
  }
}

variable "tracing" {
  description = "Whether AWS X-Ray traces invocations (active tracing)."
  type        = bool
  default     = false
  nullable    = false
}

variable "use_fips_endpoints" {
  description = "Whether the function uses FIPS endpoints of AWS services."
  type        = bool
  default     = false
  nullable    = false
}

variable "use_dualstack_endpoints" {
  description = "Whether the function uses dual-stack (IPv4 and IPv6) endpoints of AWS services."
  type        = bool
  default     = false
  nullable    = false
}

variable "metrics" {
  description = "Custom metrics of the function: basic (three metrics, $0.90 per month), per_sink (six more per sink, and three more) or none."
  type        = string
  default     = "basic"
  nullable    = false

  validation {
    condition     = contains(["basic", "per_sink", "none"], var.metrics)
    error_message = "found metrics = ${jsonencode(var.metrics)}; allowed: \"basic\", \"per_sink\", \"none\"."
  }
}

variable "log_format" {
  description = "Log format of the function: Text or JSON. With JSON, Lambda filters log lines by log_level and system_log_level."
  type        = string
  default     = "Text"
  nullable    = false

  validation {
    condition     = contains(["Text", "JSON"], var.log_format)
    error_message = "found log_format = ${jsonencode(var.log_format)}; allowed: \"Text\", \"JSON\"."
  }

  validation {
    # Lambda treats a line without a level as INFO.
    condition     = var.log_format == "Text" || contains(["info", "debug"], var.log_level) || (var.metrics == "none" && !contains(values(local.sink_types), "stdout"))
    error_message = "found log_format = \"JSON\" with log_level = ${jsonencode(var.log_level)}; Lambda would then drop the lines of stdout sinks and of metrics; set log_level = \"info\", or choose no stdout sink and metrics = \"none\"."
  }
}

variable "log_level" {
  description = "Lowest severity that the function logs about itself: error, warn, info or debug."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["error", "warn", "info", "debug"], var.log_level)
    error_message = "found log_level = ${jsonencode(var.log_level)}; allowed: \"error\", \"warn\", \"info\", \"debug\"."
  }
}

variable "system_log_level" {
  description = "Lowest severity of Lambda's own log lines with log_format = \"JSON\": WARN, INFO or DEBUG."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["WARN", "INFO", "DEBUG"], var.system_log_level)
    error_message = "found system_log_level = ${jsonencode(var.system_log_level)}; allowed: \"WARN\", \"INFO\", \"DEBUG\"."
  }
}

variable "log_retention_in_days" {
  description = "Retention of the log groups that the module creates, in days. 0 keeps log events forever."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains(local.log_retentions, var.log_retention_in_days)
    error_message = "found log_retention_in_days = ${var.log_retention_in_days}; CloudWatch Logs allows 0 (forever) and ${join(", ", slice(local.log_retentions, 1, length(local.log_retentions)))}; example: log_retention_in_days = 30."
  }
}

variable "sink_log_retention_in_days" {
  description = "Retention of the log groups of cloudwatch_logs sinks, in days. 0 keeps log events forever; null is log_retention_in_days."
  type        = number
  default     = null

  validation {
    condition     = var.sink_log_retention_in_days == null || try(contains(local.log_retentions, var.sink_log_retention_in_days), false)
    error_message = "found sink_log_retention_in_days = ${jsonencode(var.sink_log_retention_in_days)}; expected null or a number that CloudWatch Logs allows: 0 (forever), ${join(", ", slice(local.log_retentions, 1, length(local.log_retentions)))}; example: sink_log_retention_in_days = 2557."
  }
}

variable "keep_log_groups" {
  description = "Whether log groups that hold changes (the function's, and those of cloudwatch_logs sinks) are kept when they leave the configuration. To manage a kept group again, import it."
  type        = bool
  default     = true
  nullable    = false
}

variable "environment" {
  description = "Additional environment variables of the function. Options of sinks, also of custom ones, belong in sink_options."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection(keys(var.environment), keys(local.module_variables))) == 0
    error_message = "found ${jsonencode(keys(var.environment))} in environment; the module sets ${join(", ", keys(local.module_variables))} from its own variables ${join(", ", distinct(values(local.module_variables)))}; set those instead."
  }

  validation {
    # An option in this map would receive no permission and would not be checked.
    condition     = alltrue([for pair in setproduct(keys(var.environment), keys(local.sink_types)) : !startswith(pair[0], upper("${replace(pair[1], "-", "_")}_"))])
    error_message = "found ${jsonencode(keys(var.environment))} in environment; options of a sink belong in sink_options, so that permissions follow; example: sink_options = { s3 = { prefix = \"changes/\" } }."
  }
}

locals {
  log_retentions = [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]

  # Environment variable => the module's variable that decides it.
  module_variables = {
    ALLOWED_SOURCES            = "allowed_sources"
    AWS_USE_DUALSTACK_ENDPOINT = "use_dualstack_endpoints"
    AWS_USE_FIPS_ENDPOINT      = "use_fips_endpoints"
    CHANGEFAN_LOG              = "log_level"
    METRICS                    = "metrics"
    PARTIAL_BATCH_RESPONSE     = "stream_source"
    QUARANTINE                 = "quarantine"
    SINKS                      = "sinks"
  }
}
