import type { EpochMs, JsonValue, PoolKey, PoolLease, PoolSlot, PoolSlotState } from '@mooring/session-store';
import { corrupt } from '../errors.ts';

/** A pooled session, or a place reserved to open one in. */
export interface Slot {
  /** Its first fencing token: no other slot of the target ever has it. */
  readonly sequence: number;
  readonly tenantId: string;
  readonly identity: string;
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

const FIELDS = [
  'sequence',
  'tenantId',
  'identity',
  'sessionId',
  'holder',
  'leaseId',
  'fencingToken',
  'leaseExpiresAt',
  'recovered',
  'dirty',
  'draining',
  'openedAt',
  'usableUntil',
  'retireAt',
  'aliveUntil',
  'used',
] as const satisfies readonly (keyof Slot)[];

export const UNLEASED = { leaseId: null, holder: null, leaseExpiresAt: null, recovered: false } as const;

export function rowOf(slot: Slot): JsonValue {
  return FIELDS.map((field) => slot[field]);
}

export function slotOf(operation: string, row: unknown): Slot {
  if (!Array.isArray(row) || row.length !== FIELDS.length) throw corrupt(operation, 'a slot lacks a part');
  return Object.fromEntries(FIELDS.map((field, place) => [field, row[place] as unknown])) as unknown as Slot;
}

export function slotIdOf({ sequence }: Slot): string {
  return `slot-${sequence.toString(36)}`;
}

/** The slot counts against the caps until then. */
export function countsUntil(slot: Slot): EpochMs {
  return Math.max(slot.aliveUntil, slot.leaseExpiresAt ?? 0);
}

export function stateOf(slot: Slot, now: EpochMs): PoolSlotState {
  if (slot.draining) return 'draining';
  if (slot.leaseExpiresAt === null) return 'idle';
  if (slot.leaseExpiresAt <= now) return 'abandoned';
  return slot.sessionId === null ? 'opening' : 'leased';
}

/** Whether a taker may expect a clean, open session in the slot. */
export function isUsable(slot: Slot, now: EpochMs): boolean {
  return (
    slot.sessionId !== null &&
    !slot.dirty &&
    (slot.usableUntil ?? 0) > now &&
    (slot.retireAt ?? 0) > now &&
    slot.aliveUntil > now
  );
}

export function isOfKey(slot: Slot, { tenantId, identity }: Pick<PoolKey, 'tenantId' | 'identity'>): boolean {
  return slot.tenantId === tenantId && slot.identity === identity;
}

export function leaseOf(target: string, slot: Slot, leaseId: string): PoolLease {
  const { tenantId, identity, sessionId, fencingToken, recovered, openedAt, usableUntil, retireAt } = slot;
  return {
    key: { target, tenantId, identity },
    slotId: slotIdOf(slot),
    leaseId,
    sessionId,
    fencingToken,
    leaseExpiresAt: slot.leaseExpiresAt ?? 0,
    recovered,
    openedAt,
    usableUntil,
    retireAt,
  };
}

export function viewOf(target: string, slot: Slot, now: EpochMs): PoolSlot {
  const { tenantId, identity, sessionId, holder, fencingToken, dirty, leaseExpiresAt } = slot;
  const { openedAt, usableUntil, retireAt } = slot;
  return {
    key: { target, tenantId, identity },
    slotId: slotIdOf(slot),
    state: stateOf(slot, now),
    sessionId,
    holder,
    fencingToken,
    dirty,
    leaseExpiresAt,
    openedAt,
    usableUntil,
    retireAt,
    aliveUntil: countsUntil(slot),
  };
}
