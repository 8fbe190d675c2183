import { BUDGET_SCOPES } from '../../stores/store-contender.ts';

/** Rows, keys and indexes as wide as the store's, with nothing in the statements but the work itself. */
export const RAW_TABLES = `
  create table raw_sessions (
    namespace text collate "C" not null, tenant_id text collate "C" not null, id text collate "C" not null,
    subject_id text collate "C", data json not null, version bigint not null, created_at bigint not null,
    authenticated_at bigint not null, last_seen_at bigint not null, idle_timeout_ms bigint not null,
    lifetime_ms bigint not null, idle_expires_at bigint not null, absolute_expires_at bigint not null,
    sweep_hour bigint not null, verifier text, previous_verifier text, rotated_at bigint, revoked_at bigint,
    primary key (namespace, tenant_id, id)
  ) with (fillfactor = 85);
  create index on raw_sessions (namespace, tenant_id, subject_id, created_at, id);
  create index on raw_sessions (namespace, sweep_hour);
  create table raw_plain (id text collate "C" primary key, value json not null, expires_at bigint not null)
    with (fillfactor = 85);
  create unlogged table raw_counters (key text collate "C" primary key, n bigint not null) with (fillfactor = 70);
  create table raw_budgets (
    name text collate "C" primary key, settled bigint not null, reserved bigint not null, most bigint not null
  ) with (fillfactor = 70);
  create table raw_reservations (
    id text collate "C" primary key, name text not null, amount bigint not null, expires_at bigint not null
  );
  insert into raw_budgets select 'scope-' || n, 0, 0, 1000000000 from generate_series(0, ${BUDGET_SCOPES - 1}) n;
  create table raw_leases (
    name text collate "C" primary key, holder text not null, token bigint not null, expires_at bigint not null
  );
  create table raw_pool (
    target text collate "C" not null, slot text collate "C" not null, session_id text not null, lease_id text,
    lease_expires_at bigint not null, primary key (target, slot)
  );
`;
