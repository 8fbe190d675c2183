import type { FileSchema } from './file/file-schema.ts';

/**
 * What brings the tables from one version to the next: entry n makes version n + 1. Frozen once released. Times are
 * epoch milliseconds; every key starts with the namespace.
 */
const MIGRATIONS: readonly string[] = [
  `
  create table sessions (
    namespace text not null,
    tenant_id text not null,
    id text not null,
    subject_id text,
    version integer not null,
    created_at integer not null,
    authenticated_at integer not null,
    last_seen_at integer not null,
    idle_timeout_ms integer not null,
    lifetime_ms integer not null,
    idle_expires_at integer not null,
    absolute_expires_at integer not null,
    sweep_at integer not null,
    verifier text,
    retired_verifiers text not null default '[]',
    grace integer not null default 0,
    rotated_at integer,
    spared_at integer,
    revoked_at integer,
    revoke_reason text,
    data text not null,
    primary key (namespace, tenant_id, id)
  ) strict;
  create index sessions_subject on sessions (namespace, tenant_id, subject_id, created_at, id);
  create index sessions_sweep on sessions (namespace, sweep_at);

  create table subjects (
    namespace text not null,
    tenant_id text not null,
    subject_id text not null,
    not_before integer not null,
    keep_until integer not null,
    primary key (namespace, tenant_id, subject_id)
  ) strict, without rowid;
  create index subjects_sweep on subjects (namespace, keep_until);

  create table limits (
    namespace text not null,
    tenant_id text not null,
    name text not null,
    max_units integer not null,
    window_ms integer not null,
    taken text not null,
    keep_until integer not null,
    primary key (namespace, tenant_id, name, max_units, window_ms)
  ) strict;
  create index limits_sweep on limits (namespace, keep_until);

  create table attempts (
    namespace text not null,
    tenant_id text not null,
    scope text not null,
    value text not null,
    failures text not null,
    locks integer not null,
    locked_until integer,
    keep_until integer not null,
    primary key (namespace, tenant_id, scope, value)
  ) strict;
  create index attempts_sweep on attempts (namespace, keep_until);

  create table budgets (
    namespace text not null,
    tenant_id text not null,
    name text not null,
    settled integer not null,
    keep_until integer not null,
    primary key (namespace, tenant_id, name)
  ) strict, without rowid;
  create index budgets_sweep on budgets (namespace, keep_until);

  create table reservations (
    namespace text not null,
    tenant_id text not null,
    reservation_id text not null,
    amount integer not null,
    scopes text not null,
    expires_at integer not null,
    state text not null,
    usage text not null,
    keep_until integer not null,
    primary key (namespace, tenant_id, reservation_id)
  ) strict;
  create index reservations_sweep on reservations (namespace, keep_until);

  create table holds (
    namespace text not null,
    tenant_id text not null,
    name text not null,
    reservation_id text not null,
    amount integer not null,
    expires_at integer not null,
    primary key (namespace, tenant_id, name, reservation_id)
  ) strict, without rowid;
  create index holds_sweep on holds (namespace, expires_at);

  create table leases (
    namespace text not null,
    name text not null,
    holder text not null,
    fencing_token integer not null,
    expires_at integer not null,
    primary key (namespace, name)
  ) strict, without rowid;
  create index leases_sweep on leases (namespace, expires_at);

  create table fences (
    namespace text not null,
    lease text not null,
    fencing_token integer not null,
    primary key (namespace, lease)
  ) strict, without rowid;

  create table counters (
    name text not null primary key,
    value integer not null
  ) strict, without rowid;

  create table pool_slots (
    namespace text not null,
    target text not null,
    slot_id text not null,
    tenant_id text not null,
    identity text not null,
    session_id text,
    holder text,
    lease_id text,
    lease_expires_at integer,
    fencing_token integer not null,
    recovered integer not null default 0,
    dirty integer not null default 0,
    draining integer not null default 0,
    opened_at integer,
    usable_until integer,
    retire_at integer,
    alive_until integer not null,
    counts_until integer not null,
    used integer not null,
    primary key (namespace, target, slot_id)
  ) strict, without rowid;
  create index pool_slots_lease on pool_slots (namespace, target, lease_id);
  create index pool_slots_sweep on pool_slots (namespace, counts_until);

  create table pool_wants (
    namespace text not null,
    target text not null,
    tenant_id text not null,
    identity text not null,
    holder text not null,
    until integer not null,
    primary key (namespace, target, tenant_id, identity, holder)
  ) strict, without rowid;
  create index pool_wants_sweep on pool_wants (namespace, until);
  `,
];

export const SCHEMA: FileSchema = { applicationId: 0x4d4f4f52, migrations: MIGRATIONS };
