import type { CancelTimer, Clock } from '@mooring/session-store';
import { WarehouseError } from '../errors.ts';
import type { HeldSession } from './held-session.ts';
import type { Overflow } from '../options.ts';

export interface WaitRequest {
  readonly overflow: Overflow;
  readonly waitTimeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A turn: a session or slot to use, or null to run without one. */
export type Turn = HeldSession | null;

interface Waiter {
  readonly request: WaitRequest;
  resolve(turn: Turn): void;
  reject(error: unknown): void;
}

/** First come, first served, bounded in length and in time. */
export class WaitingLine {
  private readonly waiters: Waiter[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly maxWaiting: number,
  ) {}

  get length(): number {
    return this.waiters.length;
  }

  join(request: WaitRequest): Promise<Turn> {
    if (this.waiters.length >= this.maxWaiting) {
      return Promise.reject(exhausted(`${this.maxWaiting} statements wait for a session already.`));
    }
    request.signal?.throwIfAborted();
    return new Promise<Turn>((resolve, reject) => {
      let cancelTimer: CancelTimer = () => undefined;
      const leave = (): void => {
        cancelTimer();
        request.signal?.removeEventListener('abort', aborted);
        const index = this.waiters.indexOf(waiter);
        if (index !== -1) this.waiters.splice(index, 1);
      };
      const waiter: Waiter = {
        request,
        resolve: (turn) => {
          leave();
          resolve(turn);
        },
        reject: (error) => {
          leave();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      const aborted = (): void => waiter.reject(request.signal?.reason);
      request.signal?.addEventListener('abort', aborted, { once: true });
      cancelTimer = this.clock.after(request.waitTimeoutMs, () =>
        waiter.reject(exhausted(`No session became free within ${request.waitTimeoutMs} ms.`)),
      );
      this.waiters.push(waiter);
    });
  }

  /** Gives the turn to whoever waits longest; false when nobody waits. */
  serve(turn: HeldSession): boolean {
    const first = this.waiters[0];
    first?.resolve(turn);
    return first !== undefined;
  }

  /** Nothing is free right now: those that would not wait go their way. */
  full(): void {
    for (const waiter of [...this.waiters]) {
      if (waiter.request.overflow === 'ephemeral') waiter.resolve(null);
      if (waiter.request.overflow === 'reject') waiter.reject(exhausted('All sessions are in use.'));
    }
  }

  fail(error: unknown): void {
    for (const waiter of [...this.waiters]) waiter.reject(error);
  }
}

function exhausted(message: string): WarehouseError {
  return new WarehouseError({
    code: 'pool_exhausted',
    message: `${message} Try again later, allow more sessions, or run the statement without one.`,
    retryAfterMs: 1_000,
  });
}
