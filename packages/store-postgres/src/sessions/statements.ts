import type { Statement } from '../database.ts';
import { CLOCK } from '../server-time.ts';

const COLUMNS = [
  'subject_id',
  'data',
  'version',
  'created_at',
  'authenticated_at',
  'last_seen_at',
  'idle_timeout_ms',
  'idle_expires_at',
  'absolute_expires_at',
  'verifier',
  'rotated_at',
];
const SLIDING = new Set(['last_seen_at', 'idle_expires_at']);
const columnsOf = (alias: string): string => COLUMNS.map((column) => `${alias}.${column}`).join(', ');

/** The subject's `notBefore`: a subquery, so that every plan looks it up by its whole key, with statistics and without. */
const NOT_BEFORE = `(
    select s.not_before from mooring_subjects s
    where s.namespace = t.namespace and s.tenant_id = t.tenant_id and s.subject_id = t.subject_id
  )`;

/** Ended by moving the subject's `notBefore`, unless this very move spared it. */
const cutOff = (notBefore: string): string =>
  `coalesce(${notBefore} >= greatest(t.authenticated_at, t.spared_at + 1), false)`;
const CUT_OFF = cutOff('n.not_before');

const STATE = `case
    when t.revoked_at is not null or ${CUT_OFF} then 'revoked'
    when clock.ms >= t.absolute_expires_at then 'expired_absolute'
    when clock.ms >= t.idle_expires_at then 'expired_idle'
    else 'live'
  end`;

/** What the digest `presented` is to the session. */
const standing = (presented: string, graceMs: string): string => `case
    when ${presented}::text is null or t.verifier = ${presented} then 'current'
    when t.previous_verifier = ${presented} and clock.ms < t.rotated_at + ${graceMs}::bigint then 'previous'
    when ${presented} = any (t.retired_verifiers) then 'retired'
    else 'mismatch'
  end`;

const FROM_SESSION = `from ${CLOCK} clock
    cross join mooring_sessions t
    cross join lateral (select ${NOT_BEFORE} as not_before offset 0) n`;

const THIS_SESSION = `t.namespace = $1 and t.tenant_id = $3 and t.id = $4`;

/** A tombstone is swept at its absolute deadline. */
const TOMBSTONE = (ms: string, reason: string): string =>
  `revoked_at = ${ms}, revoke_reason = ${reason}, sweep_hour = t.absolute_expires_at / 3600000`;

const REUSED = `reused as (
    update mooring_sessions t set ${TOMBSTONE('found.ms', `'reused'`)}
    from found
    where ${THIS_SESSION} and found.state = 'live' and found.standing = 'retired' and t.revoked_at is null
  )`;

/** $3 tenant, $4 id, $5 subject, $6 data, $7 idle timeout, $8 lifetime, $9 verifier. */
export const CREATE: Statement = {
  name: 'mooring_session_create_2',
  text: `insert into mooring_sessions as t (
      namespace, tenant_id, id, subject_id, data, version, created_at, authenticated_at, last_seen_at, idle_timeout_ms,
      lifetime_ms, idle_expires_at, absolute_expires_at, verifier, sweep_hour
    )
    select $1, $3, $4, $5, $6::json, 1, clock.ms, clock.ms, clock.ms, $7::bigint,
      $8::bigint, clock.ms + least($7::bigint, $8::bigint), clock.ms + $8::bigint, $9,
      (clock.ms + least($7::bigint, $8::bigint)) / 3600000
    from ${CLOCK} clock
    on conflict (namespace, tenant_id, id) do nothing
    returning 'created' as outcome, t.created_at, t.version`,
};

/** As `CREATE`, in the place of a dead session. It has no subject, so no `notBefore` ended it. */
export const CREATE_OVER_DEAD: Statement = {
  name: 'mooring_session_create_over_dead_1',
  text: CREATE.text.replace(
    'do nothing',
    `do update set
      data = excluded.data, version = t.version + 1, created_at = excluded.created_at,
      authenticated_at = excluded.authenticated_at, last_seen_at = excluded.last_seen_at,
      idle_timeout_ms = excluded.idle_timeout_ms, lifetime_ms = excluded.lifetime_ms,
      idle_expires_at = excluded.idle_expires_at, absolute_expires_at = excluded.absolute_expires_at,
      sweep_hour = excluded.sweep_hour, verifier = excluded.verifier, previous_verifier = null,
      retired_verifiers = '{}', rotated_at = null, spared_at = null, revoked_at = null, revoke_reason = null
    where t.subject_id is null
      and (t.revoked_at is not null or excluded.created_at >= least(t.idle_expires_at, t.absolute_expires_at))`,
  ),
};

/** As `CREATE`, and $10 maximum, $11 whether the oldest make room. */
export const CREATE_LIMITED: Statement = {
  name: 'mooring_session_create_limited_1',
  text: `select outcome, created_at
    from mooring_session_create_limited($1, $2::bigint, $3, $4, $5, $6::json, $7::bigint, $8::bigint, $9, $10::int, $11::boolean)`,
};

export const GET: Statement = {
  name: 'mooring_session_get_1',
  text: `select ${columnsOf('t')}, ${STATE} as state ${FROM_SESSION} where ${THIS_SESSION}`,
};

/**
 * $5 presented, $6 grace, $7 least interval between writes. Reads only, unless a write is due: to slide the deadline, or
 * to revoke a session whose retired verifier was presented. `missed` when another changed the session between its being
 * read and being written, so that the answer is outdated.
 */
export const TOUCH: Statement = {
  name: 'mooring_session_touch_1',
  text: `with found as materialized (
    select ${columnsOf('t')}, clock.ms, ${STATE} as state, ${standing('$5', '$6')} as standing,
      least(clock.ms + t.idle_timeout_ms, t.absolute_expires_at) as slid
    ${FROM_SESSION} where ${THIS_SESSION} offset 0
  ), touched as (
    update mooring_sessions t set
      last_seen_at = case found.standing when 'retired' then t.last_seen_at else greatest(found.ms, t.last_seen_at) end,
      idle_expires_at = case found.standing when 'retired' then t.idle_expires_at else greatest(found.slid, t.idle_expires_at) end,
      sweep_hour = case found.standing when 'retired' then t.absolute_expires_at else greatest(found.slid, t.idle_expires_at) end / 3600000,
      revoked_at = case found.standing when 'retired' then found.ms end,
      revoke_reason = case found.standing when 'retired' then 'reused' end
    from found
    where ${THIS_SESSION} and t.version = found.version and t.revoked_at is null and found.state = 'live'
      and found.standing <> 'mismatch' and found.ms < t.idle_expires_at
      and ($7::bigint = 0 or found.standing = 'retired' or found.ms - t.last_seen_at >= $7)
    returning t.last_seen_at, t.idle_expires_at
  )
  select ${COLUMNS.map((column) => (SLIDING.has(column) ? `coalesce(touched.${column}, found.${column}) as ${column}` : `found.${column}`)).join(', ')},
    found.state, found.standing, touched.last_seen_at is null and found.state = 'live' and found.standing <> 'mismatch'
      and ($7 = 0 or found.standing = 'retired' or found.ms - found.last_seen_at >= $7) as missed
  from found left join touched on true`,
};

const RESTARTED = `case
    when $7::bigint is null then t.idle_expires_at
    else least(found.ms + $7, t.absolute_expires_at)
  end`;

/** $5 expected version, $6 data or null, $7 idle timeout or null. */
export const UPDATE: Statement = {
  name: 'mooring_session_update_1',
  text: `with found as materialized (
    select ${columnsOf('t')}, ${STATE} as state, clock.ms
    ${FROM_SESSION} where ${THIS_SESSION} for no key update of t
  ), updated as (
    update mooring_sessions t set
      version = t.version + 1,
      data = coalesce($6::json, t.data),
      idle_timeout_ms = coalesce($7::bigint, t.idle_timeout_ms),
      idle_expires_at = ${RESTARTED},
      sweep_hour = ${RESTARTED} / 3600000
    from found
    where ${THIS_SESSION} and found.state = 'live' and t.version = $5::bigint
    returning ${columnsOf('t')}
  )
  select ${columnsOf('updated')}, 'live' as state from updated
  union all
  select ${columnsOf('found')}, case found.state when 'live' then 'conflict' else found.state end
  from found where not exists (select from updated)`,
};

/** $5 presented, $6 grace, $7 next, $8 reauthenticated. */
export const ROTATE: Statement = {
  name: 'mooring_session_rotate_1',
  text: `with found as materialized (
    select ${columnsOf('t')}, ${STATE} as state, ${standing('$5', '$6')} as standing, clock.ms
    ${FROM_SESSION} where ${THIS_SESSION} for no key update of t
  ), rotated as (
    update mooring_sessions t set
      version = t.version + 1,
      verifier = $7,
      previous_verifier = case when $8::boolean then null else t.verifier end,
      retired_verifiers = (array[t.verifier] || t.retired_verifiers)[1:16],
      rotated_at = found.ms,
      authenticated_at = case when $8 then found.ms else t.authenticated_at end,
      last_seen_at = case when $8 then found.ms else t.last_seen_at end,
      idle_expires_at = case when $8 then found.ms + least(t.idle_timeout_ms, t.lifetime_ms) else t.idle_expires_at end,
      absolute_expires_at = case when $8 then found.ms + t.lifetime_ms else t.absolute_expires_at end,
      sweep_hour = case when $8 then found.ms + least(t.idle_timeout_ms, t.lifetime_ms) else t.idle_expires_at end / 3600000
    from found
    where ${THIS_SESSION} and found.state = 'live' and found.standing = 'current' and t.verifier = $5
    returning ${columnsOf('t')}, found.standing
  ), ${REUSED}
  select ${columnsOf('rotated')}, 'live' as state, rotated.standing from rotated
  union all
  select ${columnsOf('found')}, found.state, found.standing from found where not exists (select from rotated)`,
};

/** $5 reason. */
export const REVOKE: Statement = {
  name: 'mooring_session_revoke_1',
  text: `with found as materialized (
    select coalesce(t.revoked_at, case when ${CUT_OFF} then n.not_before end, clock.ms) as revoked_at
    ${FROM_SESSION} where ${THIS_SESSION} for no key update of t
  ), revoked as (
    update mooring_sessions t set ${TOMBSTONE('found.revoked_at', '$5')}
    from found
    where ${THIS_SESSION} and t.revoked_at is null
  )
  select revoked_at from found`,
};

/** $3 tenant, $4 subject, $5 id that stays or null, $6 reason. */
export const REVOKE_WHERE: Statement = {
  name: 'mooring_session_revoke_where_1',
  text: `with clock as materialized (select ms from ${CLOCK} c), moved as (
    insert into mooring_subjects as n (namespace, tenant_id, subject_id, not_before)
    select $1, $3, $4, clock.ms from clock
    on conflict (namespace, tenant_id, subject_id) do update
      set not_before = greatest(n.not_before, excluded.not_before)
    returning n.not_before
  ), before as (
    select n.not_before from mooring_subjects n
    where n.namespace = $1 and n.tenant_id = $3 and n.subject_id = $4
  ), ended as (
    update mooring_sessions t set
      revoked_at = case when t.id = $5 then null else moved.not_before end,
      revoke_reason = case when t.id = $5 then null else $6 end,
      spared_at = case when t.id = $5 then moved.not_before else t.spared_at end,
      sweep_hour = case when t.id = $5 then t.sweep_hour else t.absolute_expires_at / 3600000 end
    from moved cross join clock left join before n on true
    where t.namespace = $1 and t.tenant_id = $3 and t.subject_id = $4
      and t.authenticated_at <= moved.not_before and ${STATE} = 'live'
    returning t.id
  )
  select moved.not_before, (select count(*) from ended where id is distinct from $5) as revoked from moved`,
};

/** $3 tenant, $4 subject, $5 and $6 created and id of the last of the page before, $7 how many. */
export const LIST_OF_SUBJECT: Statement = {
  name: 'mooring_session_list_subject_1',
  text: `select t.id, ${columnsOf('t')} ${FROM_SESSION}
    where t.namespace = $1 and t.tenant_id = $3 and t.subject_id = $4
      and (t.created_at, t.id) < ($5::bigint, $6) and ${STATE} = 'live'
    order by t.created_at desc, t.id desc limit $7::int`,
};

/** $3 tenant, $4 id of the last of the page before, $5 how many. */
export const LIST_OF_TENANT: Statement = {
  name: 'mooring_session_list_tenant_1',
  text: `select t.id, ${columnsOf('t')} ${FROM_SESSION}
    where t.namespace = $1 and t.tenant_id = $3 and t.id > $4 and ${STATE} = 'live'
    order by t.id limit $5::int`,
};
