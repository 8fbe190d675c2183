import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CREATE_LIMITED, SESSION_TOKENS } from './1763700000001-sessions.ts';

const NOW = `coalesce(p_clock, floor(date_part('epoch', clock_timestamp()) * 1000)::bigint)`;

const THIS = `t.namespace = p_namespace and t.tenant_id = p_tenant and t.id = p_id`;

const LIVE = `t.revoked_at is null and v_now < t.idle_expires_at and v_now < t.absolute_expires_at`;

/** The order of `session-answer.ts`. */
const RECORD = `t.subject_id, t.data, t.version, t.created_at, t.authenticated_at, t.last_seen_at, t.idle_timeout_ms,
  t.idle_expires_at, t.absolute_expires_at, t.verifier, t.rotated_at`;

const STATE = `case
    when t.revoked_at is not null then 'revoked'
    when v_now >= t.absolute_expires_at then 'expired_absolute'
    when v_now >= t.idle_expires_at then 'expired_idle'
    else 'live'
  end`;

const STANDING = `case
    when p_presented is null or t.verifier = p_presented then 'current'
    when t.previous_verifier = p_presented and v_now < t.rotated_at + p_grace then 'previous'
    when p_presented = any (t.retired_verifiers) then 'retired'
    else 'mismatch'
  end`;

/** Whoever creates sessions of a subject, and whoever ends all of them, come one after the other. */
const SUBJECT_LOCK = `hashtextextended(
    'mooring:sessions' || chr(31) || p_namespace || chr(31) || p_tenant || chr(31) || p_subject, 0)`;

const REUSED = `update mooring_sessions t set
      revoked_at = v_now, revoke_reason = 'reused', sweep_hour = t.absolute_expires_at / 3600000
    where ${THIS} and t.revoked_at is null and t.version = r.version;
    if found then
      return json_build_array('live', 'retired')::text;
    end if;`;

const FUNCTIONS = [
  `create function mooring_session_create(
    p_namespace text, p_clock bigint, p_tenant text, p_id text, p_subject text, p_data json, p_idle bigint,
    p_lifetime bigint, p_verifier text, p_max int, p_evict boolean
  ) returns text language plpgsql as $$
  declare
    v_locked text;
    v_now bigint;
    v_before bigint;
    v_live int;
    v_oldest text[];
  begin
    -- Assigned, not performed: an expression costs less than a query.
    if p_max is null then
      v_locked := pg_advisory_xact_lock_shared(${SUBJECT_LOCK});
    else
      v_locked := pg_advisory_xact_lock(${SUBJECT_LOCK});
    end if;
    v_now := ${NOW};
    if p_max is not null then
      if exists (select from mooring_sessions t where ${THIS}) then
        return json_build_array('exists')::text;
      end if;
      select count(*) into v_live from mooring_sessions t
      where t.namespace = p_namespace and t.tenant_id = p_tenant and t.subject_id = p_subject and ${LIVE};
      if v_live >= p_max then
        if not p_evict then
          return json_build_array('limit')::text;
        end if;
        -- Collected first: a join could run a subquery with a limit and locks more than once.
        select array_agg(o.id) into v_oldest from (
          select t.id from mooring_sessions t
          where t.namespace = p_namespace and t.tenant_id = p_tenant and t.subject_id = p_subject and ${LIVE}
          order by t.created_at, t.id
          limit v_live - p_max + 1
          for no key update of t
        ) o;
        update mooring_sessions t
          set revoked_at = v_now, revoke_reason = 'evicted', sweep_hour = t.absolute_expires_at / 3600000
          where t.namespace = p_namespace and t.tenant_id = p_tenant and t.id = any (v_oldest);
      end if;
    end if;
    -- By a clock that was set back: earlier than the end of all sessions, so it is one of them.
    select n.not_before into v_before from mooring_subjects n
    where n.namespace = p_namespace and n.tenant_id = p_tenant and n.subject_id = p_subject and n.not_before >= v_now;
    insert into mooring_sessions as t (
      namespace, tenant_id, id, subject_id, data, version, created_at, authenticated_at, last_seen_at, idle_timeout_ms,
      lifetime_ms, idle_expires_at, absolute_expires_at, verifier, sweep_hour, revoked_at, revoke_reason
    ) values (
      p_namespace, p_tenant, p_id, p_subject, p_data, 1, v_now, v_now, v_now, p_idle,
      p_lifetime, v_now + least(p_idle, p_lifetime), v_now + p_lifetime, p_verifier,
      case when v_before is null then v_now + least(p_idle, p_lifetime) else v_now + p_lifetime end / 3600000,
      v_before, case when v_before is not null then 'not before' end
    ) on conflict (namespace, tenant_id, id) do nothing;
    if found then
      return '["created",' || v_now || ']';
    elsif p_max is null then
      return json_build_array('exists')::text;
    end if;
    raise exception using errcode = '40001', message = 'the id was created meanwhile';
  end $$`,

  `create function mooring_session_touch(
    p_namespace text, p_clock bigint, p_tenant text, p_id text, p_presented text, p_grace bigint, p_interval bigint
  ) returns text language plpgsql as $$
  declare
    v_now bigint := ${NOW};
    v_answer text;
    v_state text;
    v_standing text;
    r record;
  begin
    loop
      update mooring_sessions t set
        last_seen_at = greatest(v_now, t.last_seen_at),
        idle_expires_at = greatest(least(v_now + t.idle_timeout_ms, t.absolute_expires_at), t.idle_expires_at),
        sweep_hour = greatest(least(v_now + t.idle_timeout_ms, t.absolute_expires_at), t.idle_expires_at) / 3600000
      where ${THIS} and ${LIVE}
        and (p_presented is null or t.verifier = p_presented
          or t.previous_verifier = p_presented and v_now < t.rotated_at + p_grace)
        and (p_interval = 0 or v_now - t.last_seen_at >= p_interval)
      returning json_build_array('live', ${STANDING}, ${RECORD})::text into v_answer;
      if found then
        return v_answer;
      end if;
      select t.version, t.last_seen_at, ${STATE} as state, ${STANDING} as standing,
        json_build_array('live', ${STANDING}, ${RECORD})::text as answer
        into r from mooring_sessions t where ${THIS};
      if not found then
        return null;
      end if;
      if r.state <> 'live' or r.standing = 'mismatch' then
        return json_build_array(r.state, r.standing)::text;
      elsif r.standing = 'retired' then
        ${REUSED}
      elsif p_interval <> 0 and v_now - r.last_seen_at < p_interval then
        return r.answer;
      end if;
      -- Another changed it in between.
    end loop;
  end $$`,

  `create function mooring_session_update(
    p_namespace text, p_clock bigint, p_tenant text, p_id text, p_version bigint, p_data json, p_idle bigint
  ) returns text language plpgsql as $$
  declare
    v_now bigint := ${NOW};
    v_answer text;
  begin
    update mooring_sessions t set
      version = t.version + 1,
      data = coalesce(p_data, t.data),
      idle_timeout_ms = coalesce(p_idle, t.idle_timeout_ms),
      idle_expires_at = case when p_idle is null then t.idle_expires_at
        else least(v_now + p_idle, t.absolute_expires_at) end,
      sweep_hour = case when p_idle is null then t.idle_expires_at
        else least(v_now + p_idle, t.absolute_expires_at) end / 3600000
    where ${THIS} and ${LIVE} and t.version = p_version
    returning json_build_array('live', null, ${RECORD})::text into v_answer;
    if found then
      return v_answer;
    end if;
    select json_build_array(case ${STATE} when 'live' then 'conflict' else ${STATE} end)::text into v_answer
    from mooring_sessions t where ${THIS};
    return v_answer;
  end $$`,

  `create function mooring_session_rotate(
    p_namespace text, p_clock bigint, p_tenant text, p_id text, p_presented text, p_grace bigint, p_next text,
    p_again boolean
  ) returns text language plpgsql as $$
  declare
    v_now bigint := ${NOW};
    v_answer text;
    r record;
  begin
    loop
      update mooring_sessions t set
        version = t.version + 1,
        verifier = p_next,
        previous_verifier = case when p_again then null else t.verifier end,
        retired_verifiers = (array[t.verifier] || t.retired_verifiers)[1:16],
        rotated_at = v_now,
        authenticated_at = case when p_again then v_now else t.authenticated_at end,
        last_seen_at = case when p_again then v_now else t.last_seen_at end,
        idle_expires_at = case when p_again then v_now + least(t.idle_timeout_ms, t.lifetime_ms)
          else t.idle_expires_at end,
        absolute_expires_at = case when p_again then v_now + t.lifetime_ms else t.absolute_expires_at end,
        sweep_hour = case when p_again then v_now + least(t.idle_timeout_ms, t.lifetime_ms)
          else t.idle_expires_at end / 3600000
      where ${THIS} and ${LIVE} and t.verifier = p_presented
      returning json_build_array('live', 'current', ${RECORD})::text into v_answer;
      if found then
        return v_answer;
      end if;
      select t.version, ${STATE} as state, ${STANDING} as standing,
        json_build_array('live', 'previous', ${RECORD})::text as answer
        into r from mooring_sessions t where ${THIS};
      if not found then
        return null;
      end if;
      if r.state <> 'live' or r.standing = 'mismatch' then
        return json_build_array(r.state, r.standing)::text;
      elsif r.standing = 'previous' then
        return r.answer;
      elsif r.standing = 'retired' then
        ${REUSED}
      end if;
    end loop;
  end $$`,

  `create function mooring_session_revoke(
    p_namespace text, p_clock bigint, p_tenant text, p_id text, p_reason text
  ) returns text language plpgsql as $$
  declare
    v_now bigint := ${NOW};
    v_revoked bigint;
  begin
    update mooring_sessions t
      set revoked_at = v_now, revoke_reason = p_reason, sweep_hour = t.absolute_expires_at / 3600000
      where ${THIS} and t.revoked_at is null
      returning t.revoked_at into v_revoked;
    if not found then
      select t.revoked_at into v_revoked from mooring_sessions t where ${THIS};
    end if;
    return v_revoked::text;
  end $$`,

  `create function mooring_session_revoke_where(
    p_namespace text, p_clock bigint, p_tenant text, p_subject text, p_except text, p_reason text
  ) returns text language plpgsql as $$
  declare
    v_now bigint;
    v_before bigint;
    v_ended int;
  begin
    perform pg_advisory_xact_lock(${SUBJECT_LOCK});
    v_now := ${NOW};
    insert into mooring_subjects as n (namespace, tenant_id, subject_id, not_before)
    values (p_namespace, p_tenant, p_subject, v_now)
    on conflict (namespace, tenant_id, subject_id) do update
      set not_before = greatest(n.not_before, excluded.not_before)
    returning n.not_before into v_before;
    -- Those that have expired too: they would live again by a clock that is set back.
    with ended as (
      update mooring_sessions t
        set revoked_at = v_before, revoke_reason = p_reason, sweep_hour = t.absolute_expires_at / 3600000
        where t.namespace = p_namespace and t.tenant_id = p_tenant and t.subject_id = p_subject
          and t.authenticated_at <= v_before and t.revoked_at is null and t.id is distinct from p_except
        returning v_now < t.idle_expires_at and v_now < t.absolute_expires_at as lived
    )
    select count(*) filter (where lived) into v_ended from ended;
    return json_build_array(v_before, v_ended)::text;
  end $$`,
];

const UP = [
  `drop function mooring_session_create_limited`,
  `update mooring_sessions t
    set revoked_at = n.not_before, revoke_reason = 'not before', sweep_hour = t.absolute_expires_at / 3600000
    from mooring_subjects n
    where n.namespace = t.namespace and n.tenant_id = t.tenant_id and n.subject_id = t.subject_id
      and t.revoked_at is null and n.not_before >= t.authenticated_at and n.not_before > coalesce(t.spared_at, -1)`,
  `drop view session_tokens`,
  `alter table mooring_sessions drop column spared_at`,
  `create view session_tokens as
    select t.namespace, t.tenant_id, t.id, t.subject_id, t.version,
      to_timestamp(t.created_at / 1000.0) as created_at,
      to_timestamp(t.last_seen_at / 1000.0) as last_seen_at,
      to_timestamp(least(t.idle_expires_at, t.absolute_expires_at) / 1000.0) as expires_at
    from mooring_sessions t
    where t.revoked_at is null`,
  ...FUNCTIONS,
];

const DOWN = [
  `drop function mooring_session_revoke_where`,
  `drop function mooring_session_revoke`,
  `drop function mooring_session_rotate`,
  `drop function mooring_session_update`,
  `drop function mooring_session_touch`,
  `drop function mooring_session_create`,
  `drop view session_tokens`,
  `alter table mooring_sessions add column spared_at bigint`,
  SESSION_TOKENS,
  CREATE_LIMITED,
];

/**
 * A session's row alone says whether it lives: `notBefore` is looked at by who creates a session, and no more by each who
 * reads one. An operation is one function: an UPDATE that says all that must hold and, where it found nothing, why.
 */
export class SessionsInFunctions1763700000007 implements MigrationInterface {
  readonly name = 'SessionsInFunctions1763700000007';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
