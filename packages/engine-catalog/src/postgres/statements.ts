import type { Statement } from './database.ts';

const KEY = 'namespace = $1 and tenant_id = $2 and kind = $3 and key = $4';
const ROW = 'id, key, version, record::text as record';

/**
 * What became of a change that found no row to change. The lock waits for whoever changes or removes the row meanwhile, so
 * that it is the row as it is now that counts, not as it was when the statement began.
 */
const OUTCOME = `select case
    when exists (select from done) then 'done'
    when exists (select from mooring_catalog where ${KEY} for key share) then 'changed'
    else 'not_found'
  end as outcome`;

export const FIND: Statement = {
  name: 'mooring_catalog_find_1',
  text: `select ${ROW} from mooring_catalog where ${KEY}`,
};

/**
 * Several keys, whosever they are, each with the number of the one that asked. With the limit, which changes nothing, each is
 * looked up in the index.
 */
export const FIND_ALL: Statement = {
  name: 'mooring_catalog_find_all_1',
  text: `select asked.number, found.id, found.key, found.version, found.record
    from unnest($2::text[], $3::text[], $4::text[]) with ordinality as asked (tenant_id, kind, key, number)
    cross join lateral (
      select ${ROW} from mooring_catalog as one
      where one.namespace = $1 and one.tenant_id = asked.tenant_id and one.kind = asked.kind and one.key = asked.key
      limit 1
    ) as found`,
};

export const SCAN: Statement = {
  name: 'mooring_catalog_scan_1',
  text: `select ${ROW} from mooring_catalog
    where namespace = $1 and tenant_id = $2 and kind = $3 and key >= $4 order by key`,
};

export const SCAN_UNTIL: Statement = {
  name: 'mooring_catalog_scan_until_1',
  text: `select ${ROW} from mooring_catalog
    where namespace = $1 and tenant_id = $2 and kind = $3 and key >= $4 and key < $5 order by key`,
};

export const INSERT: Statement = {
  name: 'mooring_catalog_insert_1',
  text: `insert into mooring_catalog (namespace, tenant_id, kind, key, version, record)
    values ($1, $2, $3, $4, $5::bigint, $6::json)
    on conflict (namespace, tenant_id, kind, key) do nothing returning id`,
};

export const REPLACE: Statement = {
  name: 'mooring_catalog_replace_1',
  text: `with done as (
    update mooring_catalog set version = $6::bigint, record = $7::json where ${KEY} and version = $5::bigint returning id
  ) ${OUTCOME}`,
};

export const REMOVE: Statement = {
  name: 'mooring_catalog_remove_1',
  text: `with done as (
    delete from mooring_catalog where ${KEY} and ($5::bigint is null or version = $5::bigint) returning id
  ) ${OUTCOME}`,
};

export const APPEND: Statement = {
  name: 'mooring_audit_append_1',
  text: `insert into mooring_audit_log (namespace, tenant_id, at, event) values ($1, $2, $3::bigint, $4::json)`,
};

export const NEWEST: Statement = {
  name: 'mooring_audit_newest_1',
  text: `select id, at, event::text as event from mooring_audit_log
    where namespace = $1 and tenant_id = $2 and (at, id) < ($3::bigint, $4::bigint)
    order by at desc, id desc limit $5::bigint`,
};

/** Several may prune at once: each takes rows that no other has. */
export const DELETE_OLDEST: Statement = {
  name: 'mooring_audit_delete_oldest_1',
  text: `with due as materialized (
    select id from mooring_audit_log where namespace = $1 and at < $2::bigint
    order by at, id limit $3::bigint for update skip locked
  ), gone as (
    delete from mooring_audit_log using due where mooring_audit_log.id = due.id returning due.id
  ) select count(*) as deleted from gone`,
};

export const COUNT_OLDEST: Statement = {
  name: 'mooring_audit_count_oldest_1',
  text: `select count(*) as due from
    (select from mooring_audit_log where namespace = $1 and at < $2::bigint limit $3::bigint) as oldest`,
};

export const PING: Statement = {
  name: 'mooring_catalog_ping_1',
  text: `select from mooring_catalog where namespace = $1 limit 1`,
};
