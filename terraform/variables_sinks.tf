# The sinks. Types, options and allowed values come from sinks.json, which the function prints with `changefan schema`.

variable "sinks" {
  description = "Sinks that receive every change: TYPE, or NAME:TYPE for several of one type. Types: stdout, cloudwatch_logs, firehose, s3, eventbridge, file (with file_system only)."
  type        = list(string)
  default     = ["stdout"]
  nullable    = false

  validation {
    condition     = length(var.sinks) > 0
    error_message = "found no sinks; expected at least one; example: sinks = [\"stdout\", \"firehose\", \"s3\"]."
  }

  validation {
    condition     = alltrue([for entry in var.sinks : can(regex("^[a-z]([_-]?[a-z0-9])*(:[a-z]([_-]?[a-z0-9])*)?$", entry))])
    error_message = "found sinks = ${jsonencode(var.sinks)}; expected TYPE or NAME:TYPE in lowercase letters, digits and single underscores and hyphens; example: sinks = [\"stdout\", \"archive:s3\"]."
  }

  validation {
    condition     = !contains([for entry in var.sinks : reverse(split(":", entry))[0]], "file") || var.file_system != null
    error_message = "found a file sink in sinks = ${jsonencode(var.sinks)}; the disk of a function is deleted with its execution environment, so changes on it would be lost; use \"s3\", which writes the same keys into a bucket, or mount a file system with file_system."
  }

  validation {
    condition     = alltrue([for entry in var.sinks : contains(concat(keys(local.sink_schema), tolist(var.custom_sink_types)), reverse(split(":", entry))[0])])
    error_message = "found sinks = ${jsonencode(var.sinks)}; allowed types: ${join(", ", keys(local.sink_schema))}, and those in custom_sink_types = ${jsonencode(var.custom_sink_types)}; example: sinks = [\"stdout\", \"archive:s3\"]."
  }

  validation {
    # Names of policy statements keep neither underscores nor hyphens.
    condition     = length(distinct([for entry in var.sinks : replace(split(":", entry)[0], "/[_-]/", "")])) == length(var.sinks)
    error_message = "found sinks = ${jsonencode(var.sinks)}, in which two names are equal or differ only in underscores and hyphens; expected distinct names; example: sinks = [\"s3\", \"archive:s3\"]."
  }

  validation {
    condition     = length(setintersection([for entry in var.sinks : split(":", entry)[0]], ["aws", "changefan", "lambda"])) == 0
    error_message = "found sinks = ${jsonencode(var.sinks)}; the names aws, changefan and lambda are reserved, because other environment variables begin with them; example: sinks = [\"archive:s3\"]."
  }
}

variable "custom_sink_types" {
  description = "Sink types that your own build of the function registers."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for type in var.custom_sink_types : can(regex("^[a-z]([_-]?[a-z0-9])*$", type))])
    error_message = "found custom_sink_types = ${jsonencode(var.custom_sink_types)}; expected lowercase letters, digits and single underscores and hyphens; example: custom_sink_types = [\"webhook\"]."
  }

  validation {
    condition     = length(setintersection(var.custom_sink_types, keys(local.sink_schema))) == 0
    error_message = "found custom_sink_types = ${jsonencode(var.custom_sink_types)}; ${join(", ", keys(local.sink_schema))} are built in; omit them."
  }
}

variable "sink_options" {
  description = "Options of the sinks, by sink name. A destination named here (group, stream, bucket) must exist; otherwise the module creates one. README.md lists the options."
  type        = map(map(string))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.sink_options), keys(local.sink_types))) == 0
    error_message = "found options for ${jsonencode(keys(var.sink_options))}; expected names in sinks, which are ${jsonencode(keys(local.sink_types))}; example: sinks = [\"archive:s3\"], sink_options = { archive = { prefix = \"archive/\" } }."
  }

  validation {
    # The options of a custom sink are not known here.
    condition     = alltrue([for name, options in var.sink_options : length(setsubtract(keys(options), keys(local.option_schemas[name]))) == 0 if contains(keys(local.option_schemas), name)])
    error_message = "found options ${jsonencode({ for name, options in var.sink_options : name => keys(options) })}; allowed by type: ${jsonencode({ for type, schema in local.sink_schema : type => keys(schema.options) })}; example: sink_options = { s3 = { compression = \"zstd\" } }."
  }

  validation {
    condition     = alltrue(flatten([for options in values(var.sink_options) : [for option in keys(options) : can(regex("^[a-z](_?[a-z0-9])*$", option))]]))
    error_message = "found options ${jsonencode({ for name, options in var.sink_options : name => keys(options) })}; expected names in lowercase; example: sink_options = { s3 = { prefix = \"changes/\" } }."
  }

  validation {
    condition = alltrue(flatten([for name, options in var.sink_options : [
      for option, value in options : contains(local.option_schemas[name][option].allowed, value) if try(local.option_schemas[name][option].allowed, null) != null
    ] if contains(keys(local.option_schemas), name)]))
    error_message = "found ${join("; ", flatten([for name, options in var.sink_options : [
      for option, value in options : "${name}.${option} = ${jsonencode(value)}, allowed: ${join(", ", local.option_schemas[name][option].allowed)}" if try(!contains(local.option_schemas[name][option].allowed, value), false)
    ]]))}; example: sink_options = { s3 = { compression = \"zstd\" } }."
  }

  validation {
    condition     = alltrue([for name, options in var.sink_options : can(regex("^[^/].*/$", options["prefix"])) if contains(keys(local.option_schemas), name) && contains(keys(options), "prefix")])
    error_message = "found prefixes ${jsonencode([for options in values(var.sink_options) : options["prefix"] if contains(keys(options), "prefix")])}; expected a prefix that ends with a slash and does not begin with one; example: sink_options = { s3 = { prefix = \"changes/\" } }."
  }

  validation {
    condition = alltrue(flatten([for name, options in var.sink_options : [
      for option, value in options : try(can(regex("^[0-9]+$", value)) && tonumber(value) >= local.option_schemas[name][option].min && tonumber(value) <= local.option_schemas[name][option].max, false)
      if try(local.option_schemas[name][option].kind, "") == "number"
    ] if contains(keys(local.option_schemas), name)]))
    error_message = "found ${join("; ", flatten([for name, options in var.sink_options : [
      for option, value in options : "${name}.${option} = ${jsonencode(value)}, a whole number from ${local.option_schemas[name][option].min} to ${local.option_schemas[name][option].max} expected" if try(local.option_schemas[name][option].kind, "") == "number"
    ]]))}; example: sink_options = { firehose = { pack = 102400 } }."
  }

  validation {
    # The function treats an empty option as absent, and its default would not match the permissions.
    condition     = alltrue(flatten([for options in values(var.sink_options) : [for value in values(options) : value != ""]]))
    error_message = "found an empty option in sink_options = ${jsonencode(var.sink_options)}; omit it for its default, or for a destination that the module creates; example: sink_options = { s3 = { bucket = \"my-lake\" } }."
  }

  validation {
    condition = alltrue([for name, options in var.sink_options :
      (contains(keys(options), "format") ? options["format"] : local.option_schemas[name].format.default) != "rows"
      if contains(keys(local.option_schemas), name) && contains(keys(options), "numbers")
    ])
    error_message = "found numbers for a sink with format = \"rows\", which defines how numbers are written; omit numbers or choose another format; example: sink_options = { s3 = { format = \"json\", numbers = \"string\" } }."
  }

  validation {
    condition = alltrue([for name, options in var.sink_options : startswith("${options["dir"]}/", "${var.file_system.local_mount_path}/")
    if contains(keys(local.option_schemas), name) && contains(keys(options), "dir") && var.file_system != null])
    error_message = "found a file sink outside file_system.local_mount_path; expected a folder on the mounted file system; example: sink_options = { file = { dir = \"/mnt/lake\" } }."
  }

  validation {
    condition     = alltrue([for name, options in var.sink_options : can(regex("^[/.a-zA-Z0-9_-]{1,256}$", options["bus"])) if contains(keys(local.option_schemas), name) && contains(keys(options), "bus")])
    error_message = "found bus ${jsonencode([for options in values(var.sink_options) : options["bus"] if contains(keys(options), "bus")])}; expected the name of an event bus, not its ARN; example: sink_options = { eventbridge = { bus = \"orders\" } }."
  }
}

variable "allowed_sources" {
  description = "Sources whose records the function accepts in addition to the configured tables and streams, as REGION:ACCOUNT:TABLE or REGION:ACCOUNT:stream/NAME. Others are quarantined. For an existing Kinesis stream without table, list the tables that feed it; with an empty list, every source is accepted there. With lake, the lake also reads the partitions of the tables in this list, which must then be known at plan."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for source in var.allowed_sources : can(regex("^[a-z0-9-]+:[0-9]{12}:(stream/)?[a-zA-Z0-9_.-]+$", source))])
    error_message = "found allowed_sources = ${jsonencode(var.allowed_sources)}; expected REGION:ACCOUNT:TABLE or REGION:ACCOUNT:stream/NAME; example: allowed_sources = [\"eu-west-1:123456789012:orders\"]."
  }
}

variable "firehose_buffering_seconds" {
  description = "Longest time that a delivery stream which the module creates buffers before it writes an object, in seconds."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.firehose_buffering_seconds >= 0 && var.firehose_buffering_seconds <= 900 && floor(var.firehose_buffering_seconds) == var.firehose_buffering_seconds
    error_message = "found firehose_buffering_seconds = ${var.firehose_buffering_seconds}; expected a whole number from 0 to 900; example: firehose_buffering_seconds = 300."
  }
}

variable "firehose_buffering_mib" {
  description = "Size in MiB, before compression, at which a delivery stream that the module creates writes an object."
  type        = number
  default     = 64
  nullable    = false

  validation {
    condition     = var.firehose_buffering_mib >= 1 && var.firehose_buffering_mib <= 128 && floor(var.firehose_buffering_mib) == var.firehose_buffering_mib
    error_message = "found firehose_buffering_mib = ${var.firehose_buffering_mib}; expected a whole number from 1 to 128; example: firehose_buffering_mib = 64."
  }
}

variable "firehose_compression" {
  description = "Compression of the objects that a delivery stream which the module creates writes: GZIP or UNCOMPRESSED."
  type        = string
  default     = "GZIP"
  nullable    = false

  validation {
    condition     = contains(["GZIP", "UNCOMPRESSED"], var.firehose_compression)
    error_message = "found firehose_compression = ${jsonencode(var.firehose_compression)}; allowed: \"GZIP\", \"UNCOMPRESSED\"."
  }
}
