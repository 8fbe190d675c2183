/** Settings of Redshift that PostgreSQL takes as custom ones, so that SET, SHOW and RESET work and do nothing. */
export const CUSTOM_SETTINGS: readonly string[] = [
  'query_group',
  'enable_result_cache_for_session',
  'wlm_query_slot_count',
  'analyze_threshold_percent',
  'describe_field_name_in_uppercase',
  'enable_case_sensitive_identifier',
  'enable_vacuum_boost',
  'max_cursor_result_set_size',
];
