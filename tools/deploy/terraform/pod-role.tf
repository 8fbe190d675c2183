locals {
  oidc_issuer = var.oidc_provider_arn == null ? "" : element(split("oidc-provider/", var.oidc_provider_arn), 1)
}

# The role that the service account of tools/deploy/kubernetes is annotated with.
data "aws_iam_policy_document" "pod" {
  count = var.oidc_provider_arn == null ? 0 : 1

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [var.oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.oidc_issuer}:sub"
      values   = ["system:serviceaccount:${var.service_account}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.oidc_issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "pod" {
  count = var.oidc_provider_arn == null ? 0 : 1

  name               = "${var.name}-pod"
  assume_role_policy = data.aws_iam_policy_document.pod[0].json
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "pod_warehouse" {
  count = var.oidc_provider_arn == null ? 0 : 1

  role       = aws_iam_role.pod[0].name
  policy_arn = aws_iam_policy.warehouse.arn
}

resource "aws_iam_role_policy_attachment" "pod_table" {
  count = var.oidc_provider_arn == null || var.table_name == null ? 0 : 1

  role       = aws_iam_role.pod[0].name
  policy_arn = aws_iam_policy.table[0].arn
}
