import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { isAllowedFunction, isDeniedFunction } from '../index.ts';

/** What is neither offered nor dangerous: DuckDB's inner workings, and what stands for a catalog of PostgreSQL. */
const LEFT_OUT = [
  /^__|^icu_collate_|^has_.*_privilege$|^pg_|^inet_|^current_(?:connection_id|query|query_id|schemas|transaction_id)$/,
  /^(?:alias|can_cast_implicitly|cast_to_type|col_description|collations|combine|constant_or_null|create_sort_key|currval)$/,
  /^(?:database_list|database_size|error|extension_versions|finalize|format_pg_type|format_type|functions)$/,
  /^(?:get_block_size|get_type|histogram|histogram_values|in_search_path|json_deserialize_sql|json_serialize_sql)$/,
  /^(?:make_type|map_to_pg_oid|metadata_info|nextval|obj_description|platform|remap_struct|repeat_row|replace_type)$/,
  /^(?:shobj_description|show|show_databases|show_tables|show_tables_expanded|sleep_ms|st_crs|st_setcrs|stats)$/,
  /^(?:storage_info|switch|table_info|timetz_byte_comparable|txid_current|user_agent|vector_type|version)$/,
  /^(?:all_profiling_output|verify_external|verify_fetch_row|verify_parallelism|verify_serializer)$/,
];

let known: string[];

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll('SELECT DISTINCT lower(function_name) FROM duckdb_functions()');
  known = reader.getRowsJS().map(([name]) => name as string);
  connection.closeSync();
  instance.closeSync();
});

describe('the functions of DuckDB', () => {
  it('are all known here: a new version brings none that nobody has looked at', () => {
    const unknown = known.filter(
      (name) =>
        /^\w+$/.test(name) &&
        !isAllowedFunction(name) &&
        !isDeniedFunction(name) &&
        !LEFT_OUT.some((p) => p.test(name)),
    );
    expect(unknown.sort()).toEqual([]);
  });

  it('that only read what is put into them are allowed', () => {
    for (const name of [
      'lower',
      'SUM',
      'pg_catalog.now',
      'main.list_transform',
      'system.main.abs',
      'generate_series',
    ]) {
      expect([name, isAllowedFunction(name)]).toEqual([name, true]);
    }
  });

  it.each([
    'read_csv',
    'read_csv_auto',
    'read_blob',
    'read_text',
    'read_parquet',
    'read_json',
    'read_duckdb',
    'parquet_scan',
    'parquet_metadata',
    'glob',
    'sniff_csv',
    'query',
    'query_table',
    'duckdb_tables',
    'duckdb_secrets',
    'duckdb_settings',
    'pragma_table_info',
    'pragma_version',
    'getenv',
    'current_setting',
    'which_secret',
    'add_parquet_key',
    'copy_database',
    'import_database',
    'export_data',
    'attach',
    'install',
    'load_extension',
    'enable_logging',
    'enable_profiling',
    'arrow_scan',
    'arrow_scan_dumb',
    'seq_scan',
    'checkpoint',
    'force_checkpoint',
    'json_execute_serialized_sql',
    'json_serialize_plan',
    'write_log',
    'sql_auto_complete',
    'sqlite_scan',
    'postgres_query',
    'http_get',
    'iceberg_scan',
  ])('%s is denied, in any spelling', (name) => {
    for (const spelled of [name, name.toUpperCase(), `main.${name}`, `pg_catalog.${name}`, `system.main.${name}`]) {
      expect([spelled, isAllowedFunction(spelled)]).toEqual([spelled, false]);
    }
    expect(isDeniedFunction(name)).toBe(true);
  });

  it.each(['sleep_ms', 'pg_sleep', 'nextval', 'histogram', 'my_macro', 'other.lower', '', 'constructor'])(
    '%p is not offered',
    (name) => {
      expect(isAllowedFunction(name)).toBe(false);
    },
  );
});
