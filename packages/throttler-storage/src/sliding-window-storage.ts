import { createHash } from 'node:crypto';
import { systemClock } from '@mooring/session-store';
import type { AttemptStore, Clock, RateLimitStore } from '@mooring/session-store';
import type { ThrottlerStorage } from '@nestjs/throttler';

type ThrottlerRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

export interface SlidingWindowStorageOptions {
  readonly limits: RateLimitStore;
  readonly attempts: AttemptStore;
  /** The tenant that the counters are kept under: one for each application. */
  readonly tenantId: string;
  /** Tells how far away a reset is. Default: the process's. Windows and blocks are decided by the store's clock. */
  readonly clock?: Clock;
}

/** A lock that is over leaves nothing behind: all requests before it are out of the window. */
const RESET_AFTER_MS = 1;

/**
 * Counts requests for `@nestjs/throttler` in a store, for all processes that share it. Of each throttler and key at most
 * `limit` requests are admitted in any `ttl`, to the millisecond. A request is one call of the store, and a failure of
 * the store rejects with its `StoreError`, so the guard lets nothing through.
 */
export class SlidingWindowStorage implements ThrottlerStorage {
  private readonly limits: RateLimitStore;
  private readonly attempts: AttemptStore;
  private readonly tenantId: string;
  private readonly clock: Clock;

  constructor(options: SlidingWindowStorageOptions) {
    this.limits = options.limits;
    this.attempts = options.attempts;
    this.tenantId = options.tenantId;
    this.clock = options.clock ?? systemClock;
  }

  /**
   * Takes `ttl` and `blockDuration` in milliseconds, answers in whole seconds, rounded up. Who is over the limit waits
   * until the window has room again, which takes `ttl` at most; with a longer `blockDuration`, for that.
   */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    throttlerName: string,
  ): Promise<ThrottlerRecord> {
    const digest = createHash('sha256')
      .update(JSON.stringify([throttlerName, key]))
      .digest('base64url');
    const name = `throttler:${digest}`;
    return blockDuration > ttl ? this.block(name, ttl, limit, blockDuration) : this.slide(name, ttl, limit);
  }

  private async slide(name: string, windowMs: number, limit: number): Promise<ThrottlerRecord> {
    const decision = await this.limits.consume({ tenantId: this.tenantId, name }, { limit, windowMs });
    const { allowed, remaining, retryAfterMs, resetAt } = decision;
    const resetMs = Math.min(Math.max(resetAt - this.clock.now(), retryAfterMs), windowMs);
    return {
      totalHits: limit - remaining + (allowed ? 0 : 1),
      timeToExpire: secondsOf(allowed ? windowMs : resetMs),
      isBlocked: !allowed,
      timeToBlockExpire: secondsOf(retryAfterMs),
    };
  }

  /** The request after the last admitted one locks the key. Requests count within the window, and not while it is locked. */
  private async block(name: string, windowMs: number, limit: number, blockMs: number): Promise<ThrottlerRecord> {
    const policy = { limit: limit + 1, windowMs, lockStepsMs: [blockMs], resetAfterMs: RESET_AFTER_MS };
    const verdict = await this.attempts.recordFailure(this.tenantId, [{ scope: 'ip', value: name, policy }]);
    const { allowed, retryAfterMs, states } = verdict;
    return {
      totalHits: states[0]?.failures ?? 0,
      timeToExpire: secondsOf(allowed ? windowMs : retryAfterMs),
      isBlocked: !allowed,
      timeToBlockExpire: secondsOf(retryAfterMs),
    };
  }
}

function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000);
}
