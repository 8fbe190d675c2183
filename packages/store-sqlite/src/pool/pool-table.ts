import type { PoolKey, PoolLease, PoolRefusal } from '@mooring/session-store';
import { next } from '../counters.ts';
import type { Access } from '../database.ts';
import type { Position } from '../paging.ts';
import { countsUntil } from './pool-slot.ts';
import type { SlotRow } from './pool-slot.ts';
import { query } from '../file/connection.ts';

const SELECT = `select t.slot_id, t.target, t.tenant_id, t.identity, t.session_id, t.holder, t.lease_id,
  t.lease_expires_at, t.fencing_token, t.recovered, t.dirty, t.draining, t.opened_at, t.usable_until, t.retire_at,
  t.alive_until, t.used from pool_slots t`;

/** Namespace and target, then who asks: lease, holder, now. */
const LEASED_BY = query<SlotRow>(`${SELECT} where t.namespace = ? and t.target = ? and t.lease_id = ? and t.holder = ?
  and t.lease_expires_at > ?`);

const HELD = query<SlotRow>(`${SELECT} where t.namespace = ? and t.target = ? and t.slot_id = ? and t.lease_id = ?
  and t.fencing_token = ? and t.lease_expires_at > ?`);

/** A clean, open session of a key: an idle one before one that its holder lost, of these the one used last. */
const USABLE =
  query<SlotRow>(`${SELECT} where t.namespace = ?1 and t.target = ?2 and t.tenant_id = ?3 and t.identity = ?4
  and t.session_id is not null and t.draining = 0 and t.dirty = 0
  and t.usable_until > ?5 and t.retire_at > ?5 and t.alive_until > ?5
  and (t.lease_expires_at is null or t.lease_expires_at <= ?5)
  order by t.lease_expires_at is not null, t.used desc limit 1`);

/** To be closed: the idle one that was used first, else an abandoned dirty one. */
const CLOSABLE = query<SlotRow>(`${SELECT} where t.namespace = ?1 and t.target = ?2
  and t.session_id is not null and t.draining = 0 and t.alive_until > ?3
  and (t.lease_expires_at is null or (t.lease_expires_at <= ?3 and t.dirty = 1))
  order by t.lease_expires_at is not null, t.used limit 1`);

const COUNT = query<{
  of_key: number;
  of_target: number;
}>(`select count(*) as of_target, coalesce(sum(t.tenant_id = ? and t.identity = ?), 0) as of_key
  from pool_slots t where t.namespace = ? and t.target = ? and t.counts_until > ?`);

const INSERT = `insert into pool_slots (
    namespace, target, slot_id, tenant_id, identity, fencing_token, alive_until, counts_until, used
  ) values (?, ?, ?, ?, ?, 0, ?, ?, 0)`;

const REPLACE = `update pool_slots set
    session_id = ?, holder = ?, lease_id = ?, lease_expires_at = ?, fencing_token = ?, recovered = ?, dirty = ?,
    draining = ?, opened_at = ?, usable_until = ?, retire_at = ?, alive_until = ?, counts_until = ?, used = ?
  where namespace = ? and target = ? and slot_id = ?`;

const DELETE = `delete from pool_slots where namespace = ? and target = ? and slot_id = ?`;

const PAGE = query<SlotRow>(
  `${SELECT} where t.namespace = ? and t.target = ? and t.slot_id > ? order by t.slot_id limit ?`,
);

const WANT = `insert into pool_wants (namespace, target, tenant_id, identity, holder, until) values (?, ?, ?, ?, ?, ?)
  on conflict (namespace, target, tenant_id, identity, holder) do update set until = excluded.until`;

/** No tenant and no identity: a session of any key of the target would help. */
const WANTED = query<{ wanted: number }>(`select 1 as wanted from pool_wants w
  where w.namespace = ? and w.target = ? and w.until > ? and w.holder <> ?
    and ((w.tenant_id = ? and w.identity = ?) or (w.tenant_id = '' and w.identity = '')) limit 1`);

export function leasedBy(access: Access, target: string, leaseId: string, holder: string): SlotRow | undefined {
  return access.one(LEASED_BY, access.namespace, target, leaseId, holder, access.now);
}

/** The slot, while the lease on it lasts. */
export function heldBy(access: Access, lease: PoolLease): SlotRow | undefined {
  const { key, slotId, leaseId, fencingToken } = lease;
  return access.one(HELD, access.namespace, key.target, slotId, leaseId, fencingToken, access.now);
}

export function usable(access: Access, key: PoolKey): SlotRow | undefined {
  return access.one(USABLE, access.namespace, key.target, key.tenantId, key.identity, access.now);
}

export function closable(access: Access, target: string): SlotRow | undefined {
  return access.one(CLOSABLE, access.namespace, target, access.now);
}

/** Slots that count against the caps. */
export function counting(access: Access, key: PoolKey): { readonly ofKey: number; readonly ofTarget: number } {
  const row = access.one(COUNT, key.tenantId, key.identity, access.namespace, key.target, access.now);
  return { ofKey: row?.of_key ?? 0, ofTarget: row?.of_target ?? 0 };
}

export function insert(access: Access, slot: SlotRow): SlotRow {
  access.run(
    INSERT,
    access.namespace,
    slot.target,
    slot.slot_id,
    slot.tenant_id,
    slot.identity,
    slot.alive_until,
    countsUntil(slot),
  );
  return slot;
}

export function replace(access: Access, slot: SlotRow): SlotRow {
  access.run(
    REPLACE,
    slot.session_id,
    slot.holder,
    slot.lease_id,
    slot.lease_expires_at,
    slot.fencing_token,
    slot.recovered,
    slot.dirty,
    slot.draining,
    slot.opened_at,
    slot.usable_until,
    slot.retire_at,
    slot.alive_until,
    countsUntil(slot),
    slot.used,
    access.namespace,
    slot.target,
    slot.slot_id,
  );
  return slot;
}

/** The slot as it is after one more use. */
export function used(access: Access, slot: SlotRow): SlotRow {
  return { ...slot, used: next(access, 'use') };
}

export function remove(access: Access, slot: SlotRow): void {
  access.run(DELETE, access.namespace, slot.target, slot.slot_id);
}

export function pageOfTarget(access: Access, target: string, after: Position, limit: number): readonly SlotRow[] {
  return access.all(PAGE, access.namespace, target, ...after, limit);
}

/** Remembers for a while who was refused, so that holders see it. */
export function want(access: Access, key: PoolKey, holder: string, refusal: PoolRefusal, forMs: number): void {
  const [tenantId, identity] = refusal === 'key_full' ? [key.tenantId, key.identity] : ['', ''];
  access.run(WANT, access.namespace, key.target, tenantId, identity, holder, access.now + forMs);
}

export function isWanted(access: Access, slot: SlotRow): boolean {
  const { target, tenant_id: tenantId, identity, holder } = slot;
  return access.one(WANTED, access.namespace, target, access.now, holder ?? '', tenantId, identity) !== undefined;
}
