import type { MigrationInterface, QueryRunner } from 'typeorm';

const NOW = `coalesce(p_clock, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`;

/** Until the seventh migration. */
export const SESSION_TOKENS = `create view session_tokens as
    select t.namespace, t.tenant_id, t.id, t.subject_id, t.version,
      to_timestamp(t.created_at / 1000.0) as created_at,
      to_timestamp(t.last_seen_at / 1000.0) as last_seen_at,
      to_timestamp(least(t.idle_expires_at, t.absolute_expires_at) / 1000.0) as expires_at
    from mooring_sessions t
    where t.revoked_at is null and not exists (
      select from mooring_subjects n
      where n.namespace = t.namespace and n.tenant_id = t.tenant_id and n.subject_id = t.subject_id
        and n.not_before >= t.authenticated_at and n.not_before > coalesce(t.spared_at, -1)
    )`;

/** Until the seventh migration. */
export const CREATE_LIMITED = `create function mooring_session_create_limited(
    p_namespace text, p_clock bigint, p_tenant text, p_id text, p_subject text, p_data json, p_idle bigint,
    p_lifetime bigint, p_verifier text, p_max int, p_evict boolean
  ) returns table (outcome text, created_at bigint) language plpgsql as $$
  #variable_conflict use_column
  declare
    v_now bigint;
    v_live int;
    v_oldest text[];
  begin
    perform pg_advisory_xact_lock(
      hashtextextended('mooring:sessions' || chr(31) || p_namespace || chr(31) || p_tenant || chr(31) || p_subject, 0));
    v_now := ${NOW};
    if exists (select from mooring_sessions t where t.namespace = p_namespace and t.tenant_id = p_tenant and t.id = p_id)
    then
      return query select 'exists', v_now;
      return;
    end if;
    select count(*) into v_live
    from mooring_sessions t left join mooring_subjects n
      on n.namespace = t.namespace and n.tenant_id = t.tenant_id and n.subject_id = t.subject_id
    where t.namespace = p_namespace and t.tenant_id = p_tenant and t.subject_id = p_subject
      and t.revoked_at is null and v_now < t.idle_expires_at and v_now < t.absolute_expires_at
      and not coalesce(n.not_before >= t.authenticated_at and n.not_before > coalesce(t.spared_at, -1), false);
    if v_live >= p_max then
      if not p_evict then
        return query select 'limit', v_now;
        return;
      end if;
      -- Collected first: a join could run a subquery with a limit and locks more than once.
      select array_agg(o.id) into v_oldest from (
        select t.id
        from mooring_sessions t left join mooring_subjects n
          on n.namespace = t.namespace and n.tenant_id = t.tenant_id and n.subject_id = t.subject_id
        where t.namespace = p_namespace and t.tenant_id = p_tenant and t.subject_id = p_subject
          and t.revoked_at is null and v_now < t.idle_expires_at and v_now < t.absolute_expires_at
          and not coalesce(n.not_before >= t.authenticated_at and n.not_before > coalesce(t.spared_at, -1), false)
        order by t.created_at, t.id
        limit v_live - p_max + 1
        for no key update of t
      ) o;
      update mooring_sessions t
        set revoked_at = v_now, revoke_reason = 'evicted', sweep_hour = t.absolute_expires_at / 3600000
        where t.namespace = p_namespace and t.tenant_id = p_tenant and t.id = any (v_oldest);
    end if;
    insert into mooring_sessions as t (
      namespace, tenant_id, id, subject_id, data, version, created_at, authenticated_at, last_seen_at, idle_timeout_ms,
      lifetime_ms, idle_expires_at, absolute_expires_at, verifier, sweep_hour
    ) values (
      p_namespace, p_tenant, p_id, p_subject, p_data, 1, v_now, v_now, v_now, p_idle,
      p_lifetime, v_now + least(p_idle, p_lifetime), v_now + p_lifetime, p_verifier,
      (v_now + least(p_idle, p_lifetime)) / 3600000
    ) on conflict (namespace, tenant_id, id) do nothing;
    if found then
      return query select 'created', v_now;
    else
      raise exception using errcode = '40001', message = 'the id was created meanwhile';
    end if;
  end $$`;

/** A statement each: migrations are frozen, so they repeat what later code may change. */
const UP = [
  `create table mooring_sessions (
    namespace text collate "C" not null,
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    subject_id text collate "C",
    data json not null,
    version bigint not null,
    created_at bigint not null,
    authenticated_at bigint not null,
    last_seen_at bigint not null,
    idle_timeout_ms bigint not null,
    lifetime_ms bigint not null,
    idle_expires_at bigint not null,
    absolute_expires_at bigint not null,
    sweep_hour bigint not null,
    verifier text,
    previous_verifier text,
    retired_verifiers text[] not null default '{}',
    rotated_at bigint,
    spared_at bigint,
    revoked_at bigint,
    revoke_reason text,
    constraint mooring_sessions_pkey primary key (namespace, tenant_id, id)
  ) with (fillfactor = 85)`,
  // Partial, as the index for sweeps: a plan made before the first statistics must not take them for look-ups by id.
  `create index mooring_sessions_subject on mooring_sessions (namespace, tenant_id, subject_id, created_at, id)
    where subject_id is not null`,
  `create index mooring_sessions_sweep on mooring_sessions (namespace, sweep_hour) where sweep_hour >= 0`,
  `create table mooring_subjects (
    namespace text collate "C" not null,
    tenant_id text collate "C" not null,
    subject_id text collate "C" not null,
    not_before bigint not null,
    constraint mooring_subjects_pkey primary key (namespace, tenant_id, subject_id)
  )`,
  `create index mooring_subjects_not_before on mooring_subjects (namespace, not_before)
    where not_before >= 0`,
  SESSION_TOKENS,
  CREATE_LIMITED,
];

const DOWN = [
  `drop function mooring_session_create_limited`,
  `drop view session_tokens`,
  `drop table mooring_subjects`,
  `drop table mooring_sessions`,
];

export class Sessions1763700000001 implements MigrationInterface {
  readonly name = 'Sessions1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
