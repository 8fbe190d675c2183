import type { Statement } from '../database.ts';
import { ARRIVED, CLOCK } from '../server-time.ts';

/**
 * An answer is one text, a JSON list: the driver describes and decodes each column of each answer anew, which costs more
 * than the row. The order is that of `session-answer.ts`, and of the functions of the seventh migration.
 */
const RECORD = `t.subject_id, t.data, t.version, t.created_at, t.authenticated_at, t.last_seen_at, t.idle_timeout_ms,
  t.idle_expires_at, t.absolute_expires_at, t.verifier, t.rotated_at`;

const LIVE = `t.revoked_at is null and ${ARRIVED} < t.idle_expires_at and ${ARRIVED} < t.absolute_expires_at`;

const STATE = `case
    when t.revoked_at is not null then 'revoked'
    when ${ARRIVED} >= t.absolute_expires_at then 'expired_absolute'
    when ${ARRIVED} >= t.idle_expires_at then 'expired_idle'
    else 'live'
  end`;

const THIS_SESSION = `t.namespace = $1 and t.tenant_id = $3 and t.id = $4`;

/** $3 tenant, $4 id, $5 data, $6 idle timeout, $7 lifetime, $8 verifier. Of nobody: no end of all sessions concerns it. */
export const CREATE: Statement = {
  name: 'mooring_session_create_3',
  text: `insert into mooring_sessions as t (
      namespace, tenant_id, id, data, version, created_at, authenticated_at, last_seen_at, idle_timeout_ms,
      lifetime_ms, idle_expires_at, absolute_expires_at, verifier, sweep_hour
    )
    select $1, $3, $4, $5::json, 1, clock.ms, clock.ms, clock.ms, $6::bigint,
      $7::bigint, clock.ms + least($6::bigint, $7::bigint), clock.ms + $7::bigint, $8,
      (clock.ms + least($6::bigint, $7::bigint)) / 3600000
    from ${CLOCK} clock
    on conflict (namespace, tenant_id, id) do nothing
    returning json_build_array('created', t.created_at, t.version)::text as answer`,
};

/** As `CREATE`, in the place of a dead session. */
export const CREATE_OVER_DEAD: Statement = {
  name: 'mooring_session_create_over_dead_2',
  text: CREATE.text.replace(
    'do nothing',
    `do update set
      data = excluded.data, version = t.version + 1, created_at = excluded.created_at,
      authenticated_at = excluded.authenticated_at, last_seen_at = excluded.last_seen_at,
      idle_timeout_ms = excluded.idle_timeout_ms, lifetime_ms = excluded.lifetime_ms,
      idle_expires_at = excluded.idle_expires_at, absolute_expires_at = excluded.absolute_expires_at,
      sweep_hour = excluded.sweep_hour, verifier = excluded.verifier, previous_verifier = null,
      retired_verifiers = '{}', rotated_at = null, revoked_at = null, revoke_reason = null
    where t.subject_id is null
      and (t.revoked_at is not null or excluded.created_at >= least(t.idle_expires_at, t.absolute_expires_at))`,
  ),
};

/** $3 tenant, $4 id, $5 data, $6 idle timeout, $7 lifetime, $8 verifier, $9 subject, $10 maximum, $11 oldest make room. */
export const CREATE_OF_SUBJECT: Statement = {
  name: 'mooring_session_create_of_subject_1',
  text: `select mooring_session_create(
    $1, $2::bigint, $3, $4, $9, $5::json, $6::bigint, $7::bigint, $8, $10::int, $11::boolean) as answer`,
};

export const GET: Statement = {
  name: 'mooring_session_get_2',
  text: `select json_build_array(${STATE}, null, ${RECORD})::text as answer
    from mooring_sessions t where ${THIS_SESSION}`,
};

const TOUCHED = `mooring_session_touch($1, $2::bigint, $3, $4, $5, $6::bigint, $7::bigint)`;

/** $5 presented, $6 grace, $7 least interval between writes. */
export const TOUCH: Statement = {
  name: 'mooring_session_touch_2',
  text: `select ${TOUCHED} as answer`,
};

/** As `TOUCH`, where most often no write is due: then it only reads. Whatever else there is to it, the function does. */
export const VERIFY: Statement = {
  name: 'mooring_session_verify_1',
  text: `select case
      when ${LIVE} and ($5::text is null or t.verifier = $5) and ${ARRIVED} - t.last_seen_at < $7::bigint
      then json_build_array('live', 'current', ${RECORD})::text
      else ${TOUCHED}
    end as answer
    from mooring_sessions t where ${THIS_SESSION}`,
};

/** $5 expected version, $6 data or null, $7 idle timeout or null. */
export const UPDATE: Statement = {
  name: 'mooring_session_update_2',
  text: `select mooring_session_update($1, $2::bigint, $3, $4, $5::bigint, $6::json, $7::bigint) as answer`,
};

/** $5 presented, $6 grace, $7 next, $8 reauthenticated. */
export const ROTATE: Statement = {
  name: 'mooring_session_rotate_2',
  text: `select mooring_session_rotate($1, $2::bigint, $3, $4, $5, $6::bigint, $7, $8::boolean) as answer`,
};

/** $5 reason. */
export const REVOKE: Statement = {
  name: 'mooring_session_revoke_2',
  text: `select mooring_session_revoke($1, $2::bigint, $3, $4, $5) as answer`,
};

/** $3 tenant, $4 subject, $5 id that stays or null, $6 reason. */
export const REVOKE_WHERE: Statement = {
  name: 'mooring_session_revoke_where_2',
  text: `select mooring_session_revoke_where($1, $2::bigint, $3, $4, $5, $6) as answer`,
};

const LISTED = `json_build_array('live', null, ${RECORD}, t.id)::text as answer`;

/** $3 tenant, $4 subject, $5 and $6 created and id of the last of the page before, $7 how many. */
export const LIST_OF_SUBJECT: Statement = {
  name: 'mooring_session_list_subject_2',
  text: `select ${LISTED} from mooring_sessions t
    where t.namespace = $1 and t.tenant_id = $3 and t.subject_id = $4
      and (t.created_at, t.id) < ($5::bigint, $6) and ${LIVE}
    order by t.created_at desc, t.id desc limit $7::int`,
};

/** $3 tenant, $4 id of the last of the page before, $5 how many. */
export const LIST_OF_TENANT: Statement = {
  name: 'mooring_session_list_tenant_2',
  text: `select ${LISTED} from mooring_sessions t
    where t.namespace = $1 and t.tenant_id = $3 and t.id > $4 and ${LIVE}
    order by t.id limit $5::int`,
};
