# What applies to the deployment as a whole. The other variables are in variables_function.tf, variables_sinks.tf,
# variables_sources.tf, variables_storage.tf and variables_security.tf.

variable "name" {
  description = "Name of the function, and prefix of the names of all resources that the module creates. A change would replace most of them, and is refused: see docs/changing.md."
  type        = string
  default     = "changefan"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,24}[a-z0-9]$", var.name))
    error_message = "found name = ${jsonencode(var.name)}; expected 2 to 26 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen, so that the names of buckets and roles fit; example: name = \"orders-audit\"."
  }
}

variable "tags" {
  description = "Tags of every resource that supports tags."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : length(key) > 0 && !startswith(lower(key), "aws:")])
    error_message = "found tags ${jsonencode(keys(var.tags))}; expected non-empty keys without the prefix aws:, which AWS reserves; example: tags = { team = \"data\" }."
  }
}

variable "enabled" {
  description = "Whether the event source mappings or pipes read their streams. false pauses them; DynamoDB Streams keeps records for 24 hours only."
  type        = bool
  default     = true
  nullable    = false
}
