# Existing resources in the same root as the module, whose ARNs and names are not known at plan.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  function_zip = "tests/bootstrap.zip"
}

run "resources_beside_the_module_plan" {
  command = plan

  module {
    source = "./tests/beside"
  }

  assert {
    condition     = output.created_tables == ["beside-customers", "beside-invoices"]
    error_message = "found ${jsonencode(output.created_tables)}: two instances share a table name"
  }
}

run "resources_beside_the_module_apply" {
  command = apply

  module {
    source = "./tests/beside"
  }

  assert {
    condition = output.captured == {
      table   = { main = "orders" }
      kinesis = { main = "beside-orders" }
      pipe    = { main = "orders" }
      lake    = { main = "orders" }
      tables  = { orders = "orders", refund = "refund" }
      streams = { orders = "beside-orders", readings = null }
    }
    error_message = "found ${jsonencode(output.captured)}"
  }
}
