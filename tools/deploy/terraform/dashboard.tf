data "aws_region" "current" {}

resource "aws_cloudwatch_dashboard" "session_reuse" {
  count = var.dashboard ? 1 : 0

  dashboard_name = "${var.name}-session-reuse"
  # The file is of one Region; metrics are where the services run.
  dashboard_body = replace(file("${path.module}/../cloudwatch/dashboard.json"), "us-east-1", data.aws_region.current.id)
}
