# A VPC without a way out, but for the endpoints of the destinations.

resource "aws_vpc" "this" {
  # checkov:skip=CKV2_AWS_11:where flow logs go is the platform team's choice
  cidr_block           = "10.0.0.0/24"
  enable_dns_hostnames = true
}

resource "aws_subnet" "function" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.0.0.0/25"
}

resource "aws_security_group" "function" {
  name_prefix = "locked-down-"
  description = "The function reaches the endpoints, and nothing reaches the function"
  vpc_id      = aws_vpc.this.id

  egress {
    description = "HTTPS to AWS services"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# Without rules: nothing uses it by accident.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_security_group" "endpoints" {
  name_prefix = "locked-down-endpoints-"
  description = "The function reaches the interface endpoints"
  vpc_id      = aws_vpc.this.id

  ingress {
    description     = "HTTPS from the function"
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    security_groups = [aws_security_group.function.id]
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.${data.aws_region.current.id}.s3"
  route_table_ids = [aws_vpc.this.main_route_table_id]
}

resource "aws_vpc_endpoint" "logs" {
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${data.aws_region.current.id}.logs"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.function.id]
  security_group_ids  = [aws_security_group.endpoints.id]
}
