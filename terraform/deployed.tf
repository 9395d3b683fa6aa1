# Refuses, at plan, a change that would replace a resource which may hold unread changes.

locals {
  # Key => what cannot change without replacing the table, its stream, or what reads it.
  identities = {
    for key, capture in local.captures : key => {
      name             = var.name
      stream_source    = local.has_mapping ? local.reads : "pipe of ${local.reads}"
      table_name       = capture.creates_table ? capture.table_name : null
      table_keys       = capture.creates_table ? join(" ", compact([capture.hash_key, capture.hash_key_type, capture.range_key, capture.range_key == null ? null : capture.range_key_type])) : null
      stream_view_type = capture.creates_table && local.reads == "dynamodb" ? capture.stream_view_type : null
      creates_stream   = capture.creates_stream
    }
  }
}

# Remembers the identity of the first deployment, because its input is never updated. `-replace` accepts a new one.
resource "terraform_data" "deployed" {
  for_each = local.identities

  input = each.value

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.input.name == each.value.name
      error_message = "found name = ${jsonencode(each.value.name)}, deployed as ${jsonencode(self.input.name)}; the change would replace the function, its streams and buckets together with undelivered changes; keep the name, or follow docs/changing.md and plan with -replace='terraform_data.deployed[\"${each.key}\"]'."
    }

    postcondition {
      condition     = self.input.stream_source == each.value.stream_source
      error_message = "found stream_source = ${jsonencode(each.value.stream_source)}, deployed as ${jsonencode(self.input.stream_source)}; the change would delete the stream or its reader together with unread changes; follow docs/changing.md, then plan with -replace='terraform_data.deployed[\"${each.key}\"]'."
    }

    postcondition {
      condition     = self.input.table_name == each.value.table_name
      error_message = "found table_name = ${jsonencode(each.value.table_name)}, deployed as ${jsonencode(self.input.table_name)}; the change would delete the table and its stream; keep the name, or follow docs/changing.md and plan with -replace='terraform_data.deployed[\"${each.key}\"]'."
    }

    postcondition {
      condition     = self.input.table_keys == each.value.table_keys
      error_message = "found table keys ${jsonencode(each.value.table_keys)}, deployed as ${jsonencode(self.input.table_keys)}; the change would replace the table and its stream; follow docs/changing.md, then plan with -replace='terraform_data.deployed[\"${each.key}\"]'."
    }

    postcondition {
      condition     = self.input.stream_view_type == each.value.stream_view_type
      error_message = "found stream_view_type = ${jsonencode(each.value.stream_view_type)}, deployed as ${jsonencode(self.input.stream_view_type)}; the change would replace the table's stream together with unread changes; follow docs/changing.md, then plan with -replace='terraform_data.deployed[\"${each.key}\"]'."
    }

    # A deployment that was recorded before creates_stream existed is accepted. A change of stream_source is refused above.
    postcondition {
      condition     = self.input.stream_source != each.value.stream_source || try(self.input.creates_stream, each.value.creates_stream) == each.value.creates_stream
      error_message = "found ${each.value.creates_stream ? "no kinesis_stream, deployed with one; its unread changes would not be read" : "kinesis_stream, deployed without it; the change would delete the stream that the module created together with unread changes"}; keep the stream, or follow docs/changing.md and plan with -replace='terraform_data.deployed[\"${each.key}\"]'."
    }
  }
}
