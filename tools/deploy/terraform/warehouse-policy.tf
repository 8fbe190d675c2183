# Exactly the operations that @mooring/redshift-sessions calls; a test compares the two.
#
# The service gives statements and sessions to the IAM role that made them: whoever may take the role could read their
# results. The conditions narrow that to one role session. All pods of a deployment share statements and sessions, so
# they need one name for their role session: AWS_ROLE_SESSION_NAME.
data "aws_iam_policy_document" "warehouse" {
  dynamic "statement" {
    for_each = length(var.workgroup_arns) + length(var.cluster_arns) == 0 ? [] : [1]

    content {
      sid = "Run"
      actions = [
        "redshift-data:BatchExecuteStatement",
        "redshift-data:ExecuteStatement",
      ]
      resources = concat(var.workgroup_arns, var.cluster_arns)

      # IfExists: a statement that opens a session, or has none, has no owner of a session yet.
      condition {
        test     = "StringEqualsIfExists"
        variable = "redshift-data:session-owner-iam-userid"
        values   = ["&{aws:userid}"]
      }
    }
  }

  statement {
    sid = "OwnStatements"
    actions = [
      "redshift-data:CancelStatement",
      "redshift-data:DescribeStatement",
      "redshift-data:GetStatementResult",
      "redshift-data:ListStatements",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "redshift-data:statement-owner-iam-userid"
      values   = ["&{aws:userid}"]
    }
  }

  statement {
    sid       = "OwnSessions"
    actions   = ["redshift-data:ListSessions"]
    resources = ["*"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "redshift-data:session-owner-iam-userid"
      values   = ["&{aws:userid}"]
    }
  }

  dynamic "statement" {
    for_each = length(var.workgroup_arns) == 0 ? [] : [1]

    content {
      sid       = "ServerlessCredentials"
      actions   = ["redshift-serverless:GetCredentials"]
      resources = var.workgroup_arns
    }
  }

  dynamic "statement" {
    for_each = length(var.database_user_arns) == 0 ? [] : [1]

    content {
      sid       = "ClusterCredentials"
      actions   = ["redshift:GetClusterCredentials"]
      resources = concat(var.database_user_arns, var.database_name_arns)
    }
  }

  dynamic "statement" {
    for_each = length(var.secret_arns) == 0 ? [] : [1]

    content {
      sid       = "Secrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = var.secret_arns
    }
  }
}

resource "aws_iam_policy" "warehouse" {
  name        = "${var.name}-warehouse"
  description = "Statements and sessions of Mooring at the Redshift Data API."
  policy      = data.aws_iam_policy_document.warehouse.json
  tags        = var.tags
}
