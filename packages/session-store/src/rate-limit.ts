import type { EpochMs } from './clock.ts';

export interface LimitKey {
  readonly tenantId: string;
  /** What is limited and for whom, as the caller names it: `messages:session:<id>`. */
  readonly name: string;
}

export interface LimitRule {
  /** 0 refuses everything. Every store counts up to 10,000; what it can't count is an `invalid_argument`. */
  readonly limit: number;
  readonly windowMs: number;
}

export interface ConsumeOptions {
  /** Units to take at once, 1 to `limit`. Default 1. */
  readonly cost?: number;
  /** A retry with the same id within the window counts once and gets the first answer. */
  readonly id?: string;
}

export interface LimitDecision {
  readonly allowed: boolean;
  readonly limit: number;
  /** Units left right now. */
  readonly remaining: number;
  /** 0 when allowed; else the least wait after which the same call succeeds if nobody else comes first. */
  readonly retryAfterMs: number;
  /** When the whole limit is free again, if nothing else is consumed. */
  readonly resetAt: EpochMs;
}

/**
 * An exact sliding window: for all units accepted of a key under a rule, over all processes,
 * `t[i + limit] - t[i] >= windowMs`. Units under different rules of one key are counted apart.
 */
export interface RateLimitStore {
  consume(key: LimitKey, rule: LimitRule, options?: ConsumeOptions): Promise<LimitDecision>;
  /** What `consume` would answer, without taking anything. */
  peek(key: LimitKey, rule: LimitRule): Promise<LimitDecision>;
  reset(key: LimitKey, rule: LimitRule): Promise<void>;
}

export const RateLimitStore = Symbol('RateLimitStore');
