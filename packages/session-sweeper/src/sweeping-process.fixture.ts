import { systemClock } from '@mooring/session-store';
import type { CancelTimer, Clock, StoreBackend } from '@mooring/session-store';
import { createPostgresStore } from '@mooring/store-postgres';
import { createRedisStore } from '@mooring/store-redis';
import { SessionSweeper } from './session-sweeper.ts';
import type { SweepOptions } from './options.ts';
import type { SweepReport } from './report.ts';

export interface Place {
  readonly kind: 'postgres' | 'redis';
  readonly url: string;
  readonly namespace: string;
}

/** Of stores that a spec does not make wait: the machine is busy with other tests. */
const LONG_MS = 60_000;

/** The time of one process: that of the machine, and as much more as it is told. */
export class AheadClock implements Clock {
  private aheadMs = 0;

  now(): number {
    return Date.now() + this.aheadMs;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    return systemClock.after(delayMs, callback);
  }

  advance(ms: number): void {
    this.aheadMs += ms;
  }
}

/** A sweeper in a process of its own, as the specs call it. */
export interface SweepingProcess {
  sweep(): Promise<SweepReport>;
  /** Rows deleted so far, also by a sweep under way. */
  deleted(): Promise<number>;
  /** What counts until then is over for this process. */
  advance(ms: number): Promise<void>;
  /** Lets so many batches more go. Before the first time one goes, and the next waits. */
  goOn(batches: number): Promise<void>;
  close(): Promise<void>;
}

/** By the server's clock unless another is given. */
export function openPlace({ kind, url, namespace }: Place, clock?: Clock): Promise<StoreBackend> {
  const options = { url, namespace, ...(clock === undefined ? {} : { clock }) };
  return kind === 'postgres'
    ? createPostgresStore({ statementTimeoutMs: LONG_MS, connectionTimeoutMs: LONG_MS, ...options })
    : createRedisStore({ commandTimeoutMs: LONG_MS, connectTimeoutMs: LONG_MS, ...options });
}

export async function openSweeper({
  place,
  options,
}: {
  readonly place: Place;
  readonly options: Partial<SweepOptions>;
}): Promise<SweepingProcess> {
  const clock = new AheadClock();
  const store = await openPlace(place, clock);
  let allowed = 1;
  let wake = (): void => undefined;
  const sweep: StoreBackend['sweep'] = async (request) => {
    while (allowed <= 0) await new Promise<void>((resolve) => (wake = resolve));
    allowed -= 1;
    return store.sweep(request);
  };
  const sweeper = new SessionSweeper({ store: { leases: store.leases, sweep }, options, clock });
  let deleted = 0;
  return {
    sweep: () => {
      const before = deleted;
      return sweeper.run({ onProgress: (progress) => (deleted = before + progress.deleted) });
    },
    deleted: async () => deleted,
    advance: async (ms) => clock.advance(ms),
    goOn: async (batches) => {
      allowed += batches;
      wake();
    },
    close: () => store.close(),
  };
}
