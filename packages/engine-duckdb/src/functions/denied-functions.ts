/** What reaches files, the network, other statements' texts, pointers or the whole instance, by name. */
const DENIED = new Set(
  `arrow_scan arrow_scan_dumb check_peg_parser checkpoint current_setting force_checkpoint getenv glob
  json_execute_serialized_sql json_serialize_plan parse_duckdb_log_message query query_table seq_scan sniff_csv
  sql_auto_complete summary test_all_types test_vector_types truncate_duckdb_logs variant_bytes_to_variant
  variant_to_parquet_variant which_secret write_log`.split(/\s+/),
);

const DENIED_KINDS =
  /^(?:__|read_|write_|scan_|duckdb_|pragma_|parquet_|enable_|disable_|add_|copy_|export_|import_|attach|detach|install|load_|http_)|(?:_scan|_attach|_query|_execute|_metadata|_secret)$/;

/**
 * Whether the adapter itself refuses calls of the function. `enable_logging`, for one, answers although external access
 * is off, and then ends the process; `arrow_scan` reads where its arguments point.
 */
export function isDeniedFunction(name: string): boolean {
  const folded = name.toLowerCase();
  return DENIED.has(folded) || DENIED_KINDS.test(folded);
}
