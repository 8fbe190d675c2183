import type { EpochMs, PoolKey, PoolLease, PoolSlot, PoolSlotState } from '@mooring/session-store';

/** A pooled session, or a place reserved to open one in. */
export interface SlotRow {
  readonly key: PoolKey;
  readonly slotId: string;
  readonly sequence: number;
  readonly sessionId: string | null;
  readonly holder: string | null;
  readonly leaseId: string | null;
  readonly fencingToken: number;
  readonly leaseExpiresAt: EpochMs | null;
  readonly recovered: boolean;
  readonly dirty: boolean;
  readonly draining: boolean;
  readonly openedAt: EpochMs | null;
  readonly usableUntil: EpochMs | null;
  readonly retireAt: EpochMs | null;
  readonly aliveUntil: EpochMs;
  /** Grows with each use: in a millisecond, too, one was used last. */
  readonly used: number;
}

export const UNLEASED = { leaseId: null, holder: null, leaseExpiresAt: null, recovered: false } as const;

/** The slot counts against the caps until then. */
export function countsUntil(slot: SlotRow): EpochMs {
  return Math.max(slot.aliveUntil, slot.leaseExpiresAt ?? 0);
}

export function stateOf(slot: SlotRow, now: EpochMs): PoolSlotState {
  if (slot.draining) return 'draining';
  if (slot.leaseExpiresAt === null) return 'idle';
  if (slot.leaseExpiresAt <= now) return 'abandoned';
  return slot.sessionId === null ? 'opening' : 'leased';
}

/** Whether a taker may expect a clean, open session in the slot. */
export function isUsable(slot: SlotRow, now: EpochMs): boolean {
  return (
    slot.sessionId !== null &&
    !slot.dirty &&
    (slot.usableUntil ?? 0) > now &&
    (slot.retireAt ?? 0) > now &&
    slot.aliveUntil > now
  );
}

export function leaseOf(slot: SlotRow, leaseId: string): PoolLease {
  return {
    key: { ...slot.key },
    slotId: slot.slotId,
    leaseId,
    sessionId: slot.sessionId,
    fencingToken: slot.fencingToken,
    leaseExpiresAt: slot.leaseExpiresAt ?? 0,
    recovered: slot.recovered,
    openedAt: slot.openedAt,
    usableUntil: slot.usableUntil,
    retireAt: slot.retireAt,
  };
}

export function viewOf(slot: SlotRow, now: EpochMs): PoolSlot {
  return {
    key: { ...slot.key },
    slotId: slot.slotId,
    state: stateOf(slot, now),
    sessionId: slot.sessionId,
    holder: slot.holder,
    fencingToken: slot.fencingToken,
    dirty: slot.dirty,
    leaseExpiresAt: slot.leaseExpiresAt,
    openedAt: slot.openedAt,
    usableUntil: slot.usableUntil,
    retireAt: slot.retireAt,
    aliveUntil: countsUntil(slot),
  };
}
