import type { BudgetUsage, EpochMs } from '@mooring/session-store';

export interface ModelReservation {
  readonly amount: number;
  readonly names: readonly string[];
  readonly expiresAt: EpochMs;
  state: 'reserved' | 'settled' | 'released';
  /** What the last call that changed it answered. */
  answer: readonly BudgetUsage[];
}

/** What the contract says of the budgets of one tenant whose periods have not ended. */
export class BudgetModel {
  readonly reservations = new Map<string, ModelReservation>();
  private readonly settled = new Map<string, number>();

  /** Undefined when it would pass a limit. */
  reserve(
    id: string,
    amount: number,
    limits: ReadonlyMap<string, number>,
    ttlMs: number,
    now: EpochMs,
  ): ModelReservation | undefined {
    const first = this.reservations.get(id);
    if (first !== undefined) return first;
    const names = [...limits.keys()];
    for (const { name, settled, reserved } of this.usage(names, now)) {
      if (settled + reserved + amount > (limits.get(name) ?? 0)) return undefined;
    }
    const reservation: ModelReservation = { amount, names, expiresAt: now + ttlMs, state: 'reserved', answer: [] };
    this.reservations.set(id, reservation);
    reservation.answer = this.usage(names, now);
    return reservation;
  }

  /** The first call decides. */
  finish(id: string, state: 'settled' | 'released', actual: number, now: EpochMs): readonly BudgetUsage[] | undefined {
    const reservation = this.reservations.get(id);
    if (reservation === undefined || reservation.state !== 'reserved') return reservation?.answer;
    reservation.state = state;
    for (const name of reservation.names) this.settled.set(name, (this.settled.get(name) ?? 0) + actual);
    reservation.answer = this.usage(reservation.names, now);
    return reservation.answer;
  }

  usage(names: readonly string[], now: EpochMs): BudgetUsage[] {
    const held = [...this.reservations.values()].filter(
      ({ state, expiresAt }) => state === 'reserved' && expiresAt > now,
    );
    return names.map((name) => ({
      name,
      settled: this.settled.get(name) ?? 0,
      reserved: held.filter((one) => one.names.includes(name)).reduce((sum, { amount }) => sum + amount, 0),
    }));
  }
}
