# The function and its sinks. What it listens to is in variables_triggers.tf, where it stores things in
# variables_storage.tf.

variable "name" {
  description = "Name of the function, and prefix of the names of all that is made for it."
  type        = string
  default     = "changefan"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,24}[a-z0-9]$", var.name))
    error_message = "found name = ${jsonencode(var.name)}; expected 2 to 26 lowercase letters, digits and hyphens, a letter first and no hyphen last, so that bucket and role names fit; example: name = \"orders-audit\"."
  }
}

variable "tags" {
  description = "Tags of everything that can have tags."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : length(key) > 0 && !startswith(lower(key), "aws:")])
    error_message = "found tags ${jsonencode(keys(var.tags))}; a tag needs a name, and names that begin with aws: are AWS's own; example: tags = { team = \"data\" }."
  }
}

variable "function_zip" {
  description = "Path of the function's package. Default: target/lambda/changefan.zip beside this module."
  type        = string
  default     = null

  validation {
    condition     = var.function_zip == null || endswith(coalesce(var.function_zip, "-"), ".zip")
    error_message = "found function_zip = ${jsonencode(var.function_zip)}; expected the path of a .zip file that holds an executable named bootstrap; example: function_zip = \"target/lambda/changefan.zip\"."
  }
}

variable "architecture" {
  description = "Instruction set that the function's package was built for."
  type        = string
  default     = "x86_64"
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "found architecture = ${jsonencode(var.architecture)}; allowed: \"x86_64\", \"arm64\"; it must be the one the package was built for."
  }
}

variable "memory_size" {
  description = "Memory of the function in MB. Its share of a processor grows with it."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "found memory_size = ${var.memory_size}; expected a whole number of MB from 128 to 10240; example: memory_size = 512."
  }
}

variable "timeout" {
  description = "Seconds one invocation may take, retries of its sinks included."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 900 && floor(var.timeout) == var.timeout
    error_message = "found timeout = ${var.timeout}; expected a whole number of seconds from 1 to 900; example: timeout = 60."
  }
}

variable "reserved_concurrency" {
  description = "Instances kept for this function, and the most it may use. null takes from the account's pool."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "found reserved_concurrency = ${jsonencode(var.reserved_concurrency)}; expected null or a whole number from 1 (0 would stop the function while its stream runs out); example: reserved_concurrency = 20."
  }
}

variable "log_level" {
  description = "The least severe message that the function logs about itself."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["error", "warn", "info", "debug"], var.log_level)
    error_message = "found log_level = ${jsonencode(var.log_level)}; allowed: \"error\", \"warn\", \"info\", \"debug\"."
  }
}

variable "log_retention_in_days" {
  description = "Days that the log groups made here keep their entries. 0 keeps them for ever."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
    var.log_retention_in_days)
    error_message = "found log_retention_in_days = ${var.log_retention_in_days}; CloudWatch Logs allows 0 (for ever), 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "environment" {
  description = "More environment variables of the function, such as a custom sink's secrets or AWS_ENDPOINT_URL."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection(keys(var.environment), ["SINKS", "QUARANTINE", "PARTIAL_BATCH_RESPONSE", "CHANGEFAN_LOG"])) == 0
    error_message = "found ${jsonencode(keys(var.environment))} in environment; SINKS, QUARANTINE, PARTIAL_BATCH_RESPONSE and CHANGEFAN_LOG follow from the variables sinks, quarantine and log_level, and from the trigger; set those instead."
  }

  validation {
    # A sink's option that came in here would get no permission and escape the checks of sink_options.
    condition     = alltrue([for pair in setproduct(keys(var.environment), keys(local.sink_types)) : !startswith(pair[0], upper("${replace(pair[1], "-", "_")}_"))])
    error_message = "found ${jsonencode(keys(var.environment))} in environment; options of a sink belong into sink_options, so that permissions follow; example: sink_options = { s3 = { prefix = \"changes/\" } }."
  }
}

variable "extra_policy_statements" {
  description = "More that the function may do, such as what a custom sink needs."
  type = list(object({
    actions   = list(string)
    resources = list(string)
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for statement in var.extra_policy_statements : length(statement.actions) > 0 && length(statement.resources) > 0])
    error_message = "found an entry of extra_policy_statements without actions or without resources; example: extra_policy_statements = [{ actions = [\"sqs:SendMessage\"], resources = [\"arn:aws:sqs:eu-west-1:123456789012:changes\"] }]."
  }
}

variable "sinks" {
  description = "Where changes go: TYPE, or NAME:TYPE to have two of a kind. Sets SINKS, what is made, and what the function may do."
  type        = list(string)
  default     = ["stdout"]
  nullable    = false

  validation {
    condition     = length(var.sinks) > 0
    error_message = "found no sinks; expected at least one; example: sinks = [\"stdout\", \"firehose\", \"s3\"]."
  }

  validation {
    condition     = alltrue([for entry in var.sinks : can(regex("^[a-z]([_-]?[a-z0-9])*(:[a-z]([_-]?[a-z0-9])*)?$", entry))])
    error_message = "found sinks = ${jsonencode(var.sinks)}; each entry is TYPE or NAME:TYPE, in lowercase letters, digits and single underscores and hyphens; example: sinks = [\"stdout\", \"archive:s3\"]."
  }

  validation {
    condition     = !contains([for entry in var.sinks : reverse(split(":", entry))[0]], "file")
    error_message = "found a file sink in sinks = ${jsonencode(var.sinks)}; a function's disk goes away with its instance, so changes written there would be lost; use \"s3\", which writes the same keys into a bucket."
  }

  validation {
    condition = alltrue([for entry in var.sinks : contains(
      concat(["stdout", "cloudwatch_logs", "firehose", "s3", "file"], tolist(var.custom_sink_types)), reverse(split(":", entry))[0])
    ])
    error_message = "found sinks = ${jsonencode(var.sinks)}; allowed types: stdout, cloudwatch_logs, firehose, s3, and those named in custom_sink_types = ${jsonencode(var.custom_sink_types)}; example: sinks = [\"stdout\", \"archive:s3\"]."
  }

  validation {
    # Underscores and hyphens are lost in the names of policy statements.
    condition     = length(distinct([for entry in var.sinks : replace(split(":", entry)[0], "/[_-]/", "")])) == length(var.sinks)
    error_message = "found sinks = ${jsonencode(var.sinks)}, in which a name comes twice, or differs in underscores and hyphens only; give each its own name; example: sinks = [\"s3\", \"archive:s3\"]."
  }

  validation {
    condition     = length(setintersection([for entry in var.sinks : split(":", entry)[0]], ["aws", "changefan", "lambda"])) == 0
    error_message = "found sinks = ${jsonencode(var.sinks)}; none can be named aws, changefan or lambda, whose variables have other meanings; example: sinks = [\"archive:s3\"]."
  }
}

variable "custom_sink_types" {
  description = "Types of sinks that your own build of the function registers."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for type in var.custom_sink_types : can(regex("^[a-z]([_-]?[a-z0-9])*$", type))])
    error_message = "found custom_sink_types = ${jsonencode(var.custom_sink_types)}; expected lowercase letters, digits and single underscores and hyphens; example: custom_sink_types = [\"webhook\"]."
  }

  validation {
    condition     = length(setintersection(var.custom_sink_types, ["stdout", "cloudwatch_logs", "firehose", "s3", "file"])) == 0
    error_message = "found custom_sink_types = ${jsonencode(var.custom_sink_types)}; stdout, cloudwatch_logs, firehose, s3 and file are built in; leave them out."
  }
}

variable "sink_options" {
  description = "Options by entry name. An existing destination (stream, bucket, group) named here is used; otherwise one is made."
  type        = map(map(string))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.sink_options), keys(local.sink_types))) == 0
    error_message = "found options for ${jsonencode(keys(var.sink_options))}; the names in sinks are ${jsonencode(keys(local.sink_types))}, and options go by name; example: sinks = [\"archive:s3\"], sink_options = { archive = { prefix = \"archive/\" } }."
  }

  validation {
    # A custom sink's options are its own business.
    condition = alltrue([for name, options in var.sink_options :
      length(setsubtract(keys(options), lookup(local.option_names, lookup(local.sink_types, name, ""), keys(options)))) == 0
    ])
    error_message = "found options ${jsonencode({ for name, options in var.sink_options : name => keys(options) })}; allowed by type: ${jsonencode(local.option_names)}; example: sink_options = { s3 = { compression = \"zstd\" } }."
  }

  validation {
    condition     = alltrue(flatten([for options in values(var.sink_options) : [for name in keys(options) : can(regex("^[a-z](_?[a-z0-9])*$", name))]]))
    error_message = "found options ${jsonencode({ for name, options in var.sink_options : name => keys(options) })}; here they are written in lowercase; example: sink_options = { s3 = { prefix = \"changes/\" } }."
  }

  validation {
    condition = alltrue([for name, options in var.sink_options : contains(["log", "dynamodb-json", "json", "debezium"], lookup(options, "format", "json"))
    if contains(keys(local.option_names), lookup(local.sink_types, name, ""))])
    error_message = "found formats ${jsonencode({ for name, options in var.sink_options : name => lookup(options, "format", "") })}; allowed: log, dynamodb-json, json, debezium."
  }

  validation {
    condition = alltrue([for name, options in var.sink_options : contains(["number", "string"], lookup(options, "numbers", "number"))
    if contains(keys(local.option_names), lookup(local.sink_types, name, ""))])
    error_message = "found numbers ${jsonencode({ for name, options in var.sink_options : name => lookup(options, "numbers", "") })}; allowed: number, string."
  }

  validation {
    condition = alltrue([for name, options in var.sink_options : contains(["gzip", "zstd", "none"], lookup(options, "compression", "gzip"))
    if lookup(local.sink_types, name, "") == "s3"])
    error_message = "found compressions ${jsonencode({ for name, options in var.sink_options : name => lookup(options, "compression", "") })}; allowed: gzip, zstd, none."
  }

  validation {
    condition = alltrue([for name, options in var.sink_options : can(regex("^[^/].*/$", lookup(options, "prefix", "changes/")))
    if lookup(local.sink_types, name, "") == "s3"])
    error_message = "found prefixes ${jsonencode({ for name, options in var.sink_options : name => lookup(options, "prefix", "") })}; expected one that ends with a slash and does not begin with one; example: sink_options = { s3 = { prefix = \"changes/\" } }."
  }

  validation {
    # 1,024,000: the most that Firehose takes in a record.
    condition = alltrue([for name, options in var.sink_options : try(tonumber(regex("^[0-9]+$", options.pack)) >= 1 && tonumber(options.pack) <= 1024000, !contains(keys(options), "pack"))
    if lookup(local.sink_types, name, "") == "firehose"])
    error_message = "found pack ${jsonencode({ for name, options in var.sink_options : name => lookup(options, "pack", "") })}; expected a number of bytes from 1 to 1024000; example: sink_options = { firehose = { pack = 5120 } }."
  }

  validation {
    # The function takes an empty option for none, and its default would miss the permissions given here.
    condition     = alltrue(flatten([for options in values(var.sink_options) : [for value in values(options) : value != ""]]))
    error_message = "found an empty option in sink_options = ${jsonencode(var.sink_options)}; leave it out for its default, or for a destination made here; example: sink_options = { s3 = { bucket = \"my-lake\" } }."
  }
}
