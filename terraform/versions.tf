# There is deliberately no provider block: as a root module, the provider takes region, credentials and endpoint from
# the environment (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL); as a child module, it is inherited from the caller.
terraform {
  # 1.9: a variable's validation can refer to other variables and to locals.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}
