import type { MigrationInterface, QueryRunner } from 'typeorm';

const NOW = `coalesce(p_clock, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`;

const LEASE_COLUMNS = `outcome text, slot_id text, tenant_id text, identity text, lease_id text, session_id text,
  fencing_token bigint, lease_expires_at bigint, recovered boolean, opened_at bigint, usable_until bigint,
  retire_at bigint`;

const LEASE_OF_T = `t.slot_id, t.tenant_id, t.identity, t.lease_id, t.session_id, t.fencing_token, t.lease_expires_at,
  t.recovered, t.opened_at, t.usable_until, t.retire_at`;

const LOCK_TARGET = `perform pg_advisory_xact_lock(
      hashtextextended('mooring:pool' || chr(31) || p_namespace || chr(31) || p_target, 0));`;

/** `alsoSet`: what else changes in a session that is given out. */
export function acquireFunction(alsoSet: string): string {
  return `function mooring_pool_acquire(
    p_namespace text, p_clock bigint, p_target text, p_tenant text, p_identity text, p_holder text, p_lease text,
    p_ttl bigint, p_max_key int, p_max_target int, p_alive bigint
  ) returns table (${LEASE_COLUMNS}) language plpgsql as $$
  #variable_conflict use_column
  declare
    v_now bigint;
    v_slot text;
    v_recovered boolean := false;
    v_of_key int;
    v_of_target int;
  begin
    ${LOCK_TARGET}
    v_now := ${NOW};
    return query select 'leased', ${LEASE_OF_T} from mooring_pool_slots t
      where t.namespace = p_namespace and t.target = p_target and t.tenant_id = p_tenant and t.identity = p_identity
        and t.lease_id = p_lease and t.holder = p_holder and t.lease_expires_at > v_now;
    if found then
      return;
    end if;
    select t.slot_id into v_slot from mooring_pool_slots t
      where t.namespace = p_namespace and t.target = p_target and t.tenant_id = p_tenant and t.identity = p_identity
        and t.lease_id is null and t.session_id is not null and not t.draining and not t.dirty
        and t.usable_until > v_now and t.retire_at > v_now and t.alive_until > v_now
      order by t.used desc limit 1 for update skip locked;
    if v_slot is null then
      select t.slot_id into v_slot from mooring_pool_slots t
        where t.namespace = p_namespace and t.target = p_target and t.tenant_id = p_tenant and t.identity = p_identity
          and t.lease_id is not null and t.lease_expires_at <= v_now and t.session_id is not null and not t.draining
          and not t.dirty and t.usable_until > v_now and t.retire_at > v_now and t.alive_until > v_now
        order by t.used desc limit 1 for update skip locked;
      v_recovered := v_slot is not null;
    end if;
    if v_slot is not null then
      return query update mooring_pool_slots t set
          lease_id = p_lease, holder = p_holder, lease_expires_at = v_now + p_ttl, recovered = v_recovered${alsoSet},
          fencing_token = nextval('mooring_fencing_tokens'), used = nextval('mooring_pool_uses')
        where t.namespace = p_namespace and t.target = p_target and t.slot_id = v_slot
        returning 'leased', ${LEASE_OF_T};
      return;
    end if;
    select count(*) filter (where t.tenant_id = p_tenant and t.identity = p_identity), count(*)
      into v_of_key, v_of_target from mooring_pool_slots t
      where t.namespace = p_namespace and t.target = p_target
        and (t.lease_expires_at > v_now or t.alive_until > v_now);
    if v_of_key >= p_max_key or v_of_target >= p_max_target then
      insert into mooring_pool_wants as w (namespace, target, tenant_id, identity, holder, until)
        values (
          p_namespace, p_target,
          case when v_of_key >= p_max_key then p_tenant else '' end,
          case when v_of_key >= p_max_key then p_identity else '' end,
          p_holder, v_now + p_ttl)
        on conflict (namespace, target, tenant_id, identity, holder) do update set until = excluded.until;
      return query select case when v_of_key >= p_max_key then 'key_full' else 'target_full' end,
        null::text, null::text, null::text, null::text, null::text, null::bigint, null::bigint, null::boolean,
        null::bigint, null::bigint, null::bigint;
      return;
    end if;
    return query insert into mooring_pool_slots as t (
        namespace, target, slot_id, tenant_id, identity, holder, lease_id, fencing_token, lease_expires_at, alive_until
      ) values (
        p_namespace, p_target, gen_random_uuid()::text, p_tenant, p_identity, p_holder, p_lease,
        nextval('mooring_fencing_tokens'), v_now + p_ttl, v_now + p_ttl + p_alive
      ) returning 'leased', ${LEASE_OF_T};
  end $$`;
}

const UP = [
  // Orders uses also within a millisecond and across clocks.
  `create sequence mooring_pool_uses as bigint`,
  `create table mooring_pool_slots (
    namespace text collate "C" not null,
    target text collate "C" not null,
    slot_id text collate "C" not null,
    tenant_id text collate "C" not null,
    identity text collate "C" not null,
    session_id text,
    holder text,
    lease_id text collate "C",
    fencing_token bigint not null,
    lease_expires_at bigint,
    recovered boolean not null default false,
    dirty boolean not null default false,
    draining boolean not null default false,
    opened_at bigint,
    usable_until bigint,
    retire_at bigint,
    alive_until bigint not null,
    used bigint not null default nextval('mooring_pool_uses'),
    constraint mooring_pool_slots_pkey primary key (namespace, target, slot_id)
  ) with (fillfactor = 70)`,
  `create table mooring_pool_wants (
    namespace text collate "C" not null,
    target text collate "C" not null,
    tenant_id text collate "C" not null,
    identity text collate "C" not null,
    holder text collate "C" not null,
    until bigint not null,
    constraint mooring_pool_wants_pkey primary key (namespace, target, tenant_id, identity, holder)
  ) with (fillfactor = 70)`,
  `create ${acquireFunction('')}`,
  `create function mooring_pool_reclaim(
    p_namespace text, p_clock bigint, p_target text, p_holder text, p_lease text, p_ttl bigint
  ) returns table (${LEASE_COLUMNS}) language plpgsql as $$
  #variable_conflict use_column
  declare
    v_now bigint;
    v_slot text;
    v_recovered boolean := false;
  begin
    ${LOCK_TARGET}
    v_now := ${NOW};
    return query select 'leased', ${LEASE_OF_T} from mooring_pool_slots t
      where t.namespace = p_namespace and t.target = p_target and t.lease_id = p_lease and t.holder = p_holder
        and t.lease_expires_at > v_now;
    if found then
      return;
    end if;
    select t.slot_id into v_slot from mooring_pool_slots t
      where t.namespace = p_namespace and t.target = p_target and t.lease_id is null and t.session_id is not null
        and not t.draining and t.alive_until > v_now
      order by t.used limit 1 for update skip locked;
    if v_slot is null then
      select t.slot_id into v_slot from mooring_pool_slots t
        where t.namespace = p_namespace and t.target = p_target and t.lease_id is not null
          and t.lease_expires_at <= v_now and t.session_id is not null and t.dirty and not t.draining
          and t.alive_until > v_now
        order by t.used limit 1 for update skip locked;
      v_recovered := v_slot is not null;
    end if;
    return query update mooring_pool_slots t set
        lease_id = p_lease, holder = p_holder, lease_expires_at = v_now + p_ttl, recovered = v_recovered,
        fencing_token = nextval('mooring_fencing_tokens')
      where t.namespace = p_namespace and t.target = p_target and t.slot_id = v_slot
      returning 'leased', ${LEASE_OF_T};
  end $$`,
];

const DOWN = [
  `drop function mooring_pool_reclaim`,
  `drop function mooring_pool_acquire`,
  `drop table mooring_pool_wants`,
  `drop table mooring_pool_slots`,
  `drop sequence mooring_pool_uses`,
];

export class Pool1763700000003 implements MigrationInterface {
  readonly name = 'Pool1763700000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
