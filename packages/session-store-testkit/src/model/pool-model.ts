import type { EpochMs, PoolKey, PoolRefusal, PoolSlotState } from '@mooring/session-store';

/** What the contract says of one slot. */
export interface ModelSlot {
  readonly slotId: string;
  readonly key: PoolKey;
  sessionId: string | null;
  /** Null when nobody has a lease on it. */
  lease: { readonly id: string; readonly holder: string; readonly token: number; endsAt: EpochMs } | null;
  dirty: boolean;
  draining: boolean;
  usableUntil: EpochMs;
  retireAt: EpochMs;
  aliveUntil: EpochMs;
  releasedAt: EpochMs;
}

export type Expected =
  | { readonly slots: readonly ModelSlot[]; readonly recovered: boolean }
  | { readonly opens: true }
  | { readonly refusal: PoolRefusal };

export class PoolModel {
  slots: ModelSlot[] = [];

  counting(now: EpochMs): ModelSlot[] {
    return this.slots.filter(({ lease, aliveUntil }) => aliveUntil > now || (lease?.endsAt ?? 0) > now);
  }

  state({ draining, lease, sessionId }: ModelSlot, now: EpochMs): PoolSlotState {
    if (draining) return 'draining';
    if (lease === null) return 'idle';
    if (lease.endsAt <= now) return 'abandoned';
    return sessionId === null ? 'opening' : 'leased';
  }

  acquire(key: PoolKey, maxPerKey: number, maxPerTarget: number, now: EpochMs): Expected {
    const counting = this.counting(now);
    const ofKey = counting.filter((slot) => slot.key.tenantId === key.tenantId && slot.key.identity === key.identity);
    const usable = ofKey.filter(
      ({ sessionId, dirty, usableUntil, retireAt }) =>
        sessionId !== null && !dirty && usableUntil > now && retireAt > now,
    );
    const idle = usable
      .filter((slot) => this.state(slot, now) === 'idle')
      .sort((one, other) => other.releasedAt - one.releasedAt);
    if (idle.length > 0) return { slots: idle.slice(0, 1), recovered: false };
    const abandoned = usable.filter((slot) => this.state(slot, now) === 'abandoned');
    if (abandoned.length > 0) return { slots: abandoned, recovered: true };
    if (ofKey.length >= maxPerKey) return { refusal: 'key_full' };
    return counting.length >= maxPerTarget ? { refusal: 'target_full' } : { opens: true };
  }

  reclaim(now: EpochMs): { readonly slots: readonly ModelSlot[]; readonly recovered: boolean } {
    const closable = this.counting(now).filter(({ sessionId, aliveUntil }) => sessionId !== null && aliveUntil > now);
    const idle = closable
      .filter((slot) => this.state(slot, now) === 'idle')
      .sort((one, other) => one.releasedAt - other.releasedAt);
    if (idle.length > 0) return { slots: idle.slice(0, 1), recovered: false };
    return { slots: closable.filter((slot) => slot.dirty && this.state(slot, now) === 'abandoned'), recovered: true };
  }

  /** The slot of a lease that has not ended. */
  held(lease: { readonly slotId: string; readonly fencingToken: number }, now: EpochMs): ModelSlot | undefined {
    return this.slots.find(
      ({ slotId, lease: held }) => slotId === lease.slotId && held?.token === lease.fencingToken && held.endsAt > now,
    );
  }
}
