output "role_arn" {
  description = "For the annotation eks.amazonaws.com/role-arn of the service account."
  value       = one(aws_iam_role.pod[*].arn)
}

output "warehouse_policy_arn" {
  description = "To attach to a role of your own."
  value       = aws_iam_policy.warehouse.arn
}

output "table_name" {
  description = "For MOORING_DYNAMODB_TABLE."
  value       = one(aws_dynamodb_table.sessions[*].name)
}
