# There is no provider block on purpose: applied as a root, the provider takes region, credentials and endpoint from
# the environment (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL); called as a module, it takes its caller's provider.
terraform {
  # 1.9: a variable's validation can look at other variables.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 6"
    }
  }
}
