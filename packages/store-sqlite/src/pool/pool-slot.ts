import type { EpochMs, PoolKey, PoolLease, PoolSlot, PoolSlotState } from '@mooring/session-store';

/** A row of `pool_slots`: a pooled session, or a place reserved to open one in. */
export interface SlotRow {
  readonly slot_id: string;
  readonly target: string;
  readonly tenant_id: string;
  readonly identity: string;
  readonly session_id: string | null;
  readonly holder: string | null;
  readonly lease_id: string | null;
  readonly lease_expires_at: EpochMs | null;
  readonly fencing_token: number;
  readonly recovered: number;
  readonly dirty: number;
  readonly draining: number;
  readonly opened_at: EpochMs | null;
  readonly usable_until: EpochMs | null;
  readonly retire_at: EpochMs | null;
  readonly alive_until: EpochMs;
  /** Grows with each use: within one millisecond, too, one was used last. */
  readonly used: number;
}

export const UNLEASED = { lease_id: null, holder: null, lease_expires_at: null, recovered: 0 } as const;

/** The slot counts against the caps until then. */
export function countsUntil(slot: SlotRow): EpochMs {
  return Math.max(slot.alive_until, slot.lease_expires_at ?? 0);
}

export function stateOf(slot: SlotRow, now: EpochMs): PoolSlotState {
  if (slot.draining === 1) return 'draining';
  if (slot.lease_expires_at === null) return 'idle';
  if (slot.lease_expires_at <= now) return 'abandoned';
  return slot.session_id === null ? 'opening' : 'leased';
}

export function leaseOf(slot: SlotRow, leaseId: string): PoolLease {
  return {
    key: keyOf(slot),
    slotId: slot.slot_id,
    leaseId,
    sessionId: slot.session_id,
    fencingToken: slot.fencing_token,
    leaseExpiresAt: slot.lease_expires_at ?? 0,
    recovered: slot.recovered === 1,
    openedAt: slot.opened_at,
    usableUntil: slot.usable_until,
    retireAt: slot.retire_at,
  };
}

export function viewOf(slot: SlotRow, now: EpochMs): PoolSlot {
  return {
    key: keyOf(slot),
    slotId: slot.slot_id,
    state: stateOf(slot, now),
    sessionId: slot.session_id,
    holder: slot.holder,
    fencingToken: slot.fencing_token,
    dirty: slot.dirty === 1,
    leaseExpiresAt: slot.lease_expires_at,
    openedAt: slot.opened_at,
    usableUntil: slot.usable_until,
    retireAt: slot.retire_at,
    aliveUntil: countsUntil(slot),
  };
}

function keyOf(slot: SlotRow): PoolKey {
  return { target: slot.target, tenantId: slot.tenant_id, identity: slot.identity };
}
