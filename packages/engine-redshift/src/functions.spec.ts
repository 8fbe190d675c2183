import { describe, expect, it } from '@jest/globals';
import { isAllowedFunction } from './index.ts';

describe('isAllowedFunction', () => {
  it.each(['count', 'COUNT', 'pg_catalog.count', 'json_parse', 'date_trunc', 'pg_catalog.like_escape', 'from_hex'])(
    'allows %s',
    (name) => expect(isAllowedFunction(name)).toBe(true),
  );

  it.each(
    `set_config current_setting pg_sleep pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file lo_import lo_export
     lo_get lo_create lo_unlink dblink dblink_exec dblink_connect query_to_xml table_to_xml database_to_xml ts_stat
     ts_rewrite pg_terminate_backend pg_cancel_backend pg_reload_conf pg_advisory_lock pg_try_advisory_lock setseed
     nextval setval txid_current pg_get_viewdef pg_get_functiondef has_table_privilege has_schema_privilege to_regclass
     regclass obj_description pg_relation_size pg_total_relation_size pg_database_size inet_server_addr version
     pg_backend_pid pg_last_query_id pg_last_copy_id pg_last_copy_count pg_last_unload_count explain_model
     set_session_context get_session_context sys_context user_is_member_of role_is_member_of
     svl_query_summary stv_x public.count other.f count.x pg_temp.f information_schema._pg_expandarray
     toString constructor`.split(/\s+/),
  )('refuses %s', (name) => expect(isAllowedFunction(name)).toBe(false));
});
