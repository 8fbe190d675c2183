import type { EpochMs, PoolLease, PoolSlot, PoolSlotState } from '@mooring/session-store';

/** As the scripts answer a lease. Numbers are text where the client was told so. */
export type LeaseRow = readonly [
  slotId: string,
  tenantId: string,
  identity: string,
  leaseId: string,
  sessionId: string | null,
  fencingToken: unknown,
  leaseExpiresAt: unknown,
  recovered: unknown,
  openedAt: unknown,
  usableUntil: unknown,
  retireAt: unknown,
];

export type SlotRow = readonly [
  slotId: string,
  tenantId: string,
  identity: string,
  state: PoolSlotState,
  sessionId: string | null,
  holder: string | null,
  fencingToken: unknown,
  dirty: unknown,
  leaseExpiresAt: unknown,
  openedAt: unknown,
  usableUntil: unknown,
  retireAt: unknown,
  aliveUntil: unknown,
];

function timeOf(value: unknown): EpochMs | null {
  return value === null ? null : Number(value);
}

export function leaseOf(target: string, row: LeaseRow): PoolLease {
  const [slotId, tenantId, identity, leaseId, sessionId, token, ends, recovered, opened, usable, retire] = row;
  return {
    key: { target, tenantId, identity },
    slotId,
    leaseId,
    sessionId,
    fencingToken: Number(token),
    leaseExpiresAt: Number(ends),
    recovered: Number(recovered) === 1,
    openedAt: timeOf(opened),
    usableUntil: timeOf(usable),
    retireAt: timeOf(retire),
  };
}

export function slotOf(target: string, row: SlotRow): PoolSlot {
  const [slotId, tenantId, identity, state, sessionId, holder, token, dirty, ends, opened, usable, retire, alive] = row;
  return {
    key: { target, tenantId, identity },
    slotId,
    state,
    sessionId,
    holder,
    fencingToken: Number(token),
    dirty: Number(dirty) === 1,
    leaseExpiresAt: timeOf(ends),
    openedAt: timeOf(opened),
    usableUntil: timeOf(usable),
    retireAt: timeOf(retire),
    aliveUntil: Number(alive),
  };
}
