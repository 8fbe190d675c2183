# What tableDefinition of @mooring/store-dynamodb makes; a test compares the two.
resource "aws_dynamodb_table" "sessions" {
  count = var.table_name == null ? 0 : 1

  name         = var.table_name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  attribute {
    name = "ix"
    type = "S"
  }

  attribute {
    name = "dueIn"
    type = "S"
  }

  attribute {
    name = "dueAt"
    type = "N"
  }

  local_secondary_index {
    name            = "by-subject"
    range_key       = "ix"
    projection_type = "KEYS_ONLY"
  }

  global_secondary_index {
    name            = "by-due"
    hash_key        = "dueIn"
    range_key       = "dueAt"
    projection_type = "KEYS_ONLY"
  }

  ttl {
    attribute_name = "collectAt"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }

  deletion_protection_enabled = true
  tags                        = var.tags
}

data "aws_iam_policy_document" "table" {
  count = var.table_name == null ? 0 : 1

  statement {
    sid = "Items"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:DeleteItem",
      "dynamodb:DescribeTable",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    resources = [
      aws_dynamodb_table.sessions[0].arn,
      "${aws_dynamodb_table.sessions[0].arn}/index/*",
    ]
  }
}

resource "aws_iam_policy" "table" {
  count = var.table_name == null ? 0 : 1

  name        = "${var.name}-table"
  description = "The items of Mooring's session table."
  policy      = data.aws_iam_policy_document.table[0].json
  tags        = var.tags
}
