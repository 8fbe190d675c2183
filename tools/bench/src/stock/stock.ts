import { systemClock, type CancelTimer, type Clock, type StoreBackend } from '@mooring/session-store';
import type { Visitor } from '../stores/contender.ts';
import { inParallel } from '../stores/parallel.ts';
import { DATA, IDLE_TIMEOUT_MS, LIFETIME_MS } from '../stores/visitors.ts';

/** The machine's clock, some time ahead or back. */
export class ShiftedClock implements Clock {
  shiftMs = 0;

  now(): number {
    return Date.now() + this.shiftMs;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    return systemClock.after(delayMs, callback);
  }
}

/** A store with very many sessions: quick to fill, and its size can be seen. */
export interface Stock {
  /** By `clock`. */
  readonly store: StoreBackend;
  readonly clock: ShiftedClock;
  /** Creates sessions, as the store itself does or as exact copies of what it did. */
  fill(visitors: readonly Visitor[]): Promise<void>;
  /** Bytes that the sessions take, indexes and all. */
  bytes(): Promise<number>;
  /** What a server does sooner or later: statistics, and making room of what was deleted reusable. */
  tidy(): Promise<void>;
  /** The most sessions that make sense to fill in; without it as many as wanted. */
  readonly most?: number;
  /** Deletes all that is dead in one statement, as the peers do it, where there are statements. */
  readonly deleteAtOnce?: () => Promise<number>;
  close(): Promise<void>;
}

export async function create(store: StoreBackend, { tenantId, id, subjectId, verifier }: Visitor): Promise<void> {
  const timeouts = { idleTimeoutMs: IDLE_TIMEOUT_MS, lifetimeMs: LIFETIME_MS };
  const created = await store.sessions.create({ tenantId, id, subjectId, verifier, data: DATA, ...timeouts });
  if (!created.ok) throw new Error(`a session was not created: ${created.reason}`);
}

/** One call of the store for each session, so many at a time. */
export function createEach(store: StoreBackend, visitors: readonly Visitor[], callers = 500): Promise<void> {
  return inParallel(visitors.length, (index) => create(store, visitors[index] as Visitor), callers);
}
