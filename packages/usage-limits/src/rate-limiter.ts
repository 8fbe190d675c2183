import type { LimitDecision, RateLimitStore } from '@mooring/session-store';
import { checkPolicies, countName, narrowestFirst } from './consumer.ts';
import type { Consumer, ConsumerScope } from './consumer.ts';
import { wholeNumber } from './errors.ts';

const LONGEST_WINDOW_MS = 34_560_000_000;
const MOST_UNITS = 10_000;

export interface RatePolicy {
  /** What is limited, such as `messages`: 1 to 32 lower-case letters, digits and dashes. */
  readonly name: string;
  readonly scope: ConsumerScope;
  /** Units within any stretch of `windowMs`, 0 to 10,000. */
  readonly limit: number;
  readonly windowMs: number;
}

/** 30 messages a minute for a session, and 60 for its user, so that a new session is no new allowance. */
export const MESSAGE_POLICIES: readonly RatePolicy[] = [
  { name: 'messages', scope: 'session', limit: 30, windowMs: 60_000 },
  { name: 'messages', scope: 'user', limit: 60, windowMs: 60_000 },
];

export interface PolicyDecision extends LimitDecision {
  readonly policy: RatePolicy;
}

export interface RateDecision {
  readonly allowed: boolean;
  /** 0 when allowed; else the least wait after which the same may be allowed. */
  readonly retryAfterMs: number;
  /** Of the policies that were asked, narrowest first; the last one refused where it was not allowed. */
  readonly decisions: readonly PolicyDecision[];
}

export interface TakeOptions {
  /** Units, 1 to the smallest limit. Default 1. */
  readonly cost?: number;
  /** A retry with the same id counts once. */
  readonly id?: string;
}

/**
 * Rate limits by session, user, address and tenant, each an exact sliding window over all processes. Policies are asked from
 * the narrowest to the widest, one round trip each, up to the first that refuses: the wider ones are not charged then.
 */
export class RateLimiter {
  private readonly policies: readonly RatePolicy[];

  /** @throws UsageLimitError */
  constructor(
    private readonly limits: RateLimitStore,
    policies: readonly RatePolicy[],
  ) {
    checkPolicies(policies);
    for (const { name, limit, windowMs } of policies) {
      wholeNumber(`${name}.limit`, limit, 0, MOST_UNITS);
      wholeNumber(`${name}.windowMs`, windowMs, 1, LONGEST_WINDOW_MS);
    }
    this.policies = narrowestFirst(policies);
  }

  /** Takes units where all policies allow them. Rejects with the store's `StoreError`; what that means is the caller's. */
  async take(consumer: Consumer, options: TakeOptions = {}): Promise<RateDecision> {
    const { cost = 1, id } = options;
    const decisions: PolicyDecision[] = [];
    for (const { policy, key, rule } of this.counts(consumer)) {
      const decision = await this.limits.consume(key, rule, { cost, ...(id === undefined ? {} : { id }) });
      decisions.push({ ...decision, policy });
      if (!decision.allowed) break;
    }
    return decided(decisions);
  }

  /** What `take` would answer, without taking anything. */
  async peek(consumer: Consumer): Promise<RateDecision> {
    const decisions = await Promise.all(
      this.counts(consumer).map(async ({ policy, key, rule }) => ({ ...(await this.limits.peek(key, rule)), policy })),
    );
    return decided(decisions);
  }

  private counts(consumer: Consumer) {
    return this.policies.map((policy) => ({
      policy,
      key: { tenantId: consumer.tenantId, name: countName(policy, consumer) },
      rule: { limit: policy.limit, windowMs: policy.windowMs },
    }));
  }
}

function decided(decisions: readonly PolicyDecision[]): RateDecision {
  const refused = decisions.filter(({ allowed }) => !allowed);
  return {
    allowed: refused.length === 0,
    retryAfterMs: Math.max(0, ...refused.map(({ retryAfterMs }) => retryAfterMs)),
    decisions,
  };
}
