import type { CancelTimer, Clock } from '@mooring/session-store';

/**
 * Calls per second that the service allows an account in a Region, not adjustable (Amazon Redshift Management Guide,
 * "Quotas for the Data API", read in 2026). ListSessions is not in that table; 3 is assumed.
 */
export const PUBLISHED_QUOTAS = {
  ExecuteStatement: 30,
  BatchExecuteStatement: 20,
  DescribeStatement: 100,
  GetStatementResult: 20,
  CancelStatement: 3,
  ListStatements: 3,
  ListSessions: 3,
} as const;

export type QuotaOperation = keyof typeof PUBLISHED_QUOTAS;
export type CallQuotas = Readonly<Record<QuotaOperation, number>>;

interface Waiter {
  readonly start: () => void;
}

/**
 * A token bucket of one operation. It holds one second of tokens. A throttle halves the rate, down to a twentieth;
 * each second without one gives back a tenth of the full rate.
 */
class Bucket {
  private tokens: number;
  private rate: number;
  private refilledAt: number;
  private throttledAt = Number.NEGATIVE_INFINITY;
  private timer: CancelTimer | undefined;
  private readonly line: Waiter[] = [];

  constructor(
    private readonly fullRate: number,
    private readonly clock: Clock,
  ) {
    this.rate = fullRate;
    this.tokens = Math.max(1, fullRate);
    this.refilledAt = clock.now();
  }

  take(): Promise<void> | undefined {
    this.refill();
    if (this.line.length === 0 && this.tokens >= 1) {
      this.tokens -= 1;
      return undefined;
    }
    return new Promise((resolve) => {
      this.line.push({ start: resolve });
      this.arm();
    });
  }

  throttled(): void {
    this.refill();
    if (this.clock.now() - this.throttledAt < 200) return;
    this.throttledAt = this.clock.now();
    this.rate = Math.max(this.fullRate / 20, this.rate / 2);
    this.tokens = Math.min(this.tokens, 0);
  }

  get currentRate(): number {
    return this.rate;
  }

  private refill(): void {
    const now = this.clock.now();
    const seconds = Math.max(0, now - this.refilledAt) / 1000;
    this.refilledAt = now;
    this.rate = Math.min(this.fullRate, this.rate + seconds * this.fullRate * 0.1);
    this.tokens = Math.min(Math.max(1, this.rate), this.tokens + seconds * this.rate);
  }

  private arm(): void {
    if (this.timer !== undefined || this.line.length === 0) return;
    const delayMs = Math.max(1, Math.ceil(((1 - this.tokens) / this.rate) * 1000));
    this.timer = this.clock.after(delayMs, () => {
      this.timer = undefined;
      this.refill();
      while (this.tokens >= 1 && this.line.length > 0) {
        this.tokens -= 1;
        this.line.shift()?.start();
      }
      this.arm();
    });
  }
}

/** Keeps each operation under its share of the account's quota, and slows down when the service says so. */
export class CallRate {
  private readonly buckets = new Map<QuotaOperation, Bucket>();

  /** `share`: the part of the account's quota that this process may use, above 0 and up to 1. */
  constructor(clock: Clock, share: number, quotas: CallQuotas = PUBLISHED_QUOTAS) {
    for (const [operation, perSecond] of Object.entries(quotas) as [QuotaOperation, number][]) {
      this.buckets.set(operation, new Bucket(perSecond * share, clock));
    }
  }

  /** Resolves when the call may go out; undefined when it may go out at once. */
  take(operation: QuotaOperation): Promise<void> | undefined {
    return this.buckets.get(operation)?.take();
  }

  throttled(operation: QuotaOperation): void {
    this.buckets.get(operation)?.throttled();
  }

  /** Calls per second that the operation is held to right now. */
  rateOf(operation: QuotaOperation): number {
    return this.buckets.get(operation)?.currentRate ?? 0;
  }
}
