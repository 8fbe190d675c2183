import type { FileSchema } from '@mooring/store-sqlite/file';

/** What brings the tables from one version to the next: entry n makes version n + 1. Frozen once released. */
const MIGRATIONS: readonly string[] = [
  `
  create table catalog (
    id integer primary key,
    tenant_id text not null,
    kind text not null,
    key text not null,
    version integer not null,
    record text not null,
    unique (tenant_id, kind, key),
    check (
      json_valid(record)
      and record ->> '$.kind' = kind and record ->> '$.tenantId' = tenant_id and record ->> '$.version' = version
    )
  ) strict;

  create table audit_log (
    id integer primary key autoincrement,
    tenant_id text not null,
    at integer not null,
    event text not null check (json_valid(event))
  ) strict;
  create index audit_log_newest on audit_log (tenant_id, at, id);
  create index audit_log_oldest on audit_log (at, id);

  create trigger audit_log_is_append_only before update on audit_log
    begin select raise(abort, 'rows of audit_log are never changed'); end;
  `,
];

/** Its mark is "MCAT". */
export const SCHEMA: FileSchema = { applicationId: 0x4d434154, migrations: MIGRATIONS };
