variable "name" {
  description = "What the names of the role, the policies and the dashboard begin with."
  type        = string
  default     = "mooring"
}

variable "workgroup_arns" {
  description = "ARNs of the Redshift Serverless workgroups that statements run on."
  type        = list(string)
  default     = []
}

variable "cluster_arns" {
  description = "ARNs of the provisioned clusters, such as arn:aws:redshift:eu-central-1:123456789012:cluster:main."
  type        = list(string)
  default     = []
}

variable "database_user_arns" {
  description = "Database users of the clusters, such as arn:aws:redshift:eu-central-1:123456789012:dbuser:main/tenant_*."
  type        = list(string)
  default     = []
}

variable "database_name_arns" {
  description = "Databases of the clusters, such as arn:aws:redshift:eu-central-1:123456789012:dbname:main/dev."
  type        = list(string)
  default     = []
}

variable "secret_arns" {
  description = "Secrets that MOORING_WAREHOUSE_SECRET_ARN may name."
  type        = list(string)
  default     = []
}

variable "table_name" {
  description = "The DynamoDB table of MOORING_SESSION_STORE=dynamodb. No table unless set."
  type        = string
  default     = null
}

variable "oidc_provider_arn" {
  description = "ARN of the cluster's OIDC provider, for the role of the pods. No role unless set."
  type        = string
  default     = null
}

variable "service_account" {
  description = "Namespace and name of the Kubernetes service account that may take the role."
  type        = string
  default     = "mooring:mooring-warehouse"
}

variable "dashboard" {
  description = "Whether to make the CloudWatch dashboard. The query API feeds it with MOORING_METRICS_EMF=stdout."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}
