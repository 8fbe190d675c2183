import type { Statement } from '../database.ts';
import { CLOCK } from '../server-time.ts';

const LEASE = `t.slot_id, t.tenant_id, t.identity, t.lease_id, t.session_id, t.fencing_token, t.lease_expires_at,
  t.recovered, t.opened_at, t.usable_until, t.retire_at`;

/** $3 target, $4 slot, $5 lease, $6 fencing token: who holds this lease, and it has not ended. */
const HELD = `t.namespace = $1 and t.target = $3 and t.slot_id = $4 and t.lease_id = $5
    and t.fencing_token = $6::bigint and t.lease_expires_at > clock.ms`;

/** $3 target, $4 tenant, $5 identity, $6 holder, $7 lease, $8 its ttl, $9 and $10 the caps, $11 alive for. */
export const ACQUIRE: Statement = {
  name: 'mooring_pool_acquire_1',
  text: `select * from mooring_pool_acquire(
    $1, $2::bigint, $3, $4, $5, $6, $7, $8::bigint, $9::int, $10::int, $11::bigint)`,
};

/** $3 target, $4 holder, $5 lease, $6 its ttl. */
export const RECLAIM: Statement = {
  name: 'mooring_pool_reclaim_1',
  text: `select * from mooring_pool_reclaim($1, $2::bigint, $3, $4, $5, $6::bigint)`,
};

/** $7 session, $8 usable for, $9 alive for, $10 retire after. */
export const REGISTER: Statement = {
  name: 'mooring_pool_register_1',
  text: `update mooring_pool_slots t set
      session_id = $7, opened_at = clock.ms, usable_until = clock.ms + $8::bigint, alive_until = clock.ms + $9::bigint,
      retire_at = clock.ms + $10::bigint, used = nextval('mooring_pool_uses')
    from ${CLOCK} clock where ${HELD}
    returning ${LEASE}`,
};

/** $7 usable for, $8 alive for. Without a session there is nothing to keep, only a slot that may still fill. */
export const RELEASE: Statement = {
  name: 'mooring_pool_release_1',
  text: `update mooring_pool_slots t set
      lease_id = null, holder = null, lease_expires_at = null, recovered = false, used = nextval('mooring_pool_uses'),
      usable_until = case when t.session_id is not null then clock.ms + $7::bigint end,
      alive_until = clock.ms + $8::bigint, draining = t.session_id is null
    from ${CLOCK} clock where ${HELD}
    returning t.slot_id`,
};

/** $7 alive for: with 0 the slot goes, else it counts that long. */
export const DISCARD: Statement = {
  name: 'mooring_pool_discard_1',
  text: `with clock as materialized (select ms from ${CLOCK} c), gone as (
    delete from mooring_pool_slots t using clock where ${HELD} and $7::bigint = 0 returning t.slot_id
  ), draining as (
    update mooring_pool_slots t set
      lease_id = null, holder = null, lease_expires_at = null, draining = true, alive_until = clock.ms + $7::bigint
    from clock where ${HELD} and $7::bigint > 0
    returning t.slot_id
  )
  select slot_id from gone union all select slot_id from draining`,
};

/** $3 target, $4 ttl, then of each renewal: $5 slot, $6 lease, $7 fencing token, $8 usable for, $9 alive for, $10 dirty. */
export const RENEW: Statement = {
  name: 'mooring_pool_renew_1',
  text: `with clock as materialized (select ms from ${CLOCK} c), asked as materialized (
    select * from unnest($5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::boolean[])
      with ordinality as a (slot_id, lease_id, fencing_token, usable_for, alive_for, dirty, position)
  ), renewed as (
    update mooring_pool_slots t set
      lease_expires_at = clock.ms + $4::bigint,
      usable_until = case when t.session_id is not null then clock.ms + a.usable_for end,
      alive_until = clock.ms + a.alive_for + case when t.session_id is null then $4::bigint else 0 end,
      dirty = t.dirty or a.dirty,
      used = nextval('mooring_pool_uses')
    from asked a cross join clock
    where t.namespace = $1 and t.target = $3 and t.slot_id = a.slot_id and t.lease_id = a.lease_id
      and t.fencing_token = a.fencing_token and t.lease_expires_at > clock.ms
    returning ${LEASE}, t.holder
  )
  select ${LEASE.replaceAll('t.', 'r.')}, a.position,
    exists (
      select from mooring_pool_wants w cross join clock
      where w.namespace = $1 and w.target = $3 and w.until > clock.ms and w.holder <> r.holder
        and ((w.tenant_id = r.tenant_id and w.identity = r.identity) or (w.tenant_id = '' and w.identity = ''))
    ) as wanted
  from asked a join renewed r on r.slot_id = a.slot_id and r.lease_id = a.lease_id and r.fencing_token = a.fencing_token
  order by a.position`,
};

/** $3 target, $4 tenant or null, $5 slot that was the last of the page before, $6 how many. */
export const LIST: Statement = {
  name: 'mooring_pool_list_1',
  text: `select t.slot_id, t.tenant_id, t.identity, t.session_id, t.holder, t.fencing_token, t.dirty,
      t.lease_expires_at, t.opened_at, t.usable_until, t.retire_at,
      greatest(t.alive_until, t.lease_expires_at) as alive_until,
      case
        when t.draining then 'draining'
        when t.lease_id is null then 'idle'
        when t.lease_expires_at <= clock.ms then 'abandoned'
        when t.session_id is null then 'opening'
        else 'leased'
      end as state
    from ${CLOCK} clock cross join mooring_pool_slots t
    where t.namespace = $1 and t.target = $3 and ($4::text is null or t.tenant_id = $4) and t.slot_id > $5
      and (t.lease_expires_at > clock.ms or t.alive_until > clock.ms)
    order by t.slot_id limit $6::int`,
};
