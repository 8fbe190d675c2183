/**
 * What brings the tables from one version to the next: entry n makes version n + 1. Frozen once released. Keys compare
 * byte by byte (`collate "C"`), whatever the database's own collation.
 */
export const MIGRATIONS: readonly string[] = [
  `
  create table mooring_catalog (
    id bigint generated always as identity,
    namespace text collate "C" not null,
    tenant_id text collate "C" not null,
    kind text collate "C" not null,
    key text collate "C" not null,
    version bigint not null,
    record json not null,
    primary key (namespace, tenant_id, kind, key),
    constraint mooring_catalog_record_of_key check (
      record ->> 'kind' = kind and record ->> 'tenantId' = tenant_id and (record ->> 'version')::bigint = version
    )
  );

  create table mooring_audit_log (
    id bigint generated always as identity primary key,
    namespace text collate "C" not null,
    tenant_id text collate "C" not null,
    at bigint not null,
    event json not null
  );
  create index mooring_audit_log_newest on mooring_audit_log (namespace, tenant_id, at, id);
  create index mooring_audit_log_oldest on mooring_audit_log (namespace, at, id);

  create function mooring_audit_log_is_append_only() returns trigger language plpgsql as $$
    begin
      raise exception 'rows of mooring_audit_log are never changed';
    end
  $$;
  create trigger mooring_audit_log_is_append_only before update on mooring_audit_log
    for each statement execute function mooring_audit_log_is_append_only();
  `,
];
