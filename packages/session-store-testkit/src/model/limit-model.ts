import type { EpochMs, LimitDecision, LimitRule } from '@mooring/session-store';

interface Taken {
  readonly at: EpochMs;
  readonly units: number;
  readonly id: string | undefined;
  readonly decision: LimitDecision;
}

/** What the contract says of the units of one key under one rule. */
export class LimitModel {
  private taken: Taken[] = [];

  constructor(private readonly rule: LimitRule) {}

  reset(): void {
    this.taken = [];
  }

  consume(cost: number, id: string | undefined, now: EpochMs): LimitDecision {
    this.forget(now);
    const first = id === undefined ? undefined : this.taken.find((one) => one.id === id);
    if (first !== undefined) return first.decision;
    if (this.used + cost > this.rule.limit) return this.refusal(cost, now);
    const decision: LimitDecision = {
      allowed: true,
      limit: this.rule.limit,
      remaining: this.rule.limit - this.used - cost,
      retryAfterMs: 0,
      resetAt: now + this.rule.windowMs,
    };
    this.taken.push({ at: now, units: cost, id, decision });
    return decision;
  }

  peek(now: EpochMs): LimitDecision {
    this.forget(now);
    if (this.used + 1 > this.rule.limit) return this.refusal(1, now);
    const { limit } = this.rule;
    return { allowed: true, limit, remaining: limit - this.used, retryAfterMs: 0, resetAt: this.resetAt(now) };
  }

  private get used(): number {
    return this.taken.reduce((sum, { units }) => sum + units, 0);
  }

  private forget(now: EpochMs): void {
    this.taken = this.taken.filter(({ at }) => now - at < this.rule.windowMs);
  }

  private resetAt(now: EpochMs): EpochMs {
    return (this.taken.at(-1)?.at ?? now - this.rule.windowMs) + this.rule.windowMs;
  }

  /** The call succeeds as soon as enough of the oldest units have left the window. */
  private refusal(cost: number, now: EpochMs): LimitDecision {
    const { limit, windowMs } = this.rule;
    let room = limit - this.used;
    let retryAt = now + windowMs;
    for (const { at, units } of this.taken) {
      if (room >= cost) break;
      room += units;
      retryAt = at + windowMs;
    }
    const resetAt = this.resetAt(now);
    return { allowed: false, limit, remaining: limit - this.used, retryAfterMs: retryAt - now, resetAt };
  }
}
