import type {
  ConsumeOptions,
  EpochMs,
  LimitDecision,
  LimitKey,
  LimitRule,
  RateLimitStore,
} from '@mooring/session-store';
import { keyOf } from './key.ts';
import type { MemorySpace } from './memory-space.ts';
import type { Table } from './table.ts';

interface Taken {
  readonly at: EpochMs;
  readonly units: number;
  readonly id?: string;
  readonly decision?: LimitDecision;
}

interface LimitRow {
  /** What was accepted within the window, oldest first. */
  readonly taken: readonly Taken[];
  readonly windowMs: number;
}

/** An exact log of what was accepted: never more than `limit` units, so its size is bounded by the rule. */
export class MemoryLimits implements RateLimitStore {
  readonly rows: Table<LimitRow>;

  constructor(private readonly space: MemorySpace) {
    this.rows = space.table<LimitRow>({
      deadline: ({ taken, windowMs }) => (taken.at(-1)?.at ?? 0) + windowMs,
      characters: ({ taken }) => taken.reduce((sum, { id }) => sum + (id === undefined ? 16 : 100 + id.length), 0),
    });
  }

  async consume(key: LimitKey, rule: LimitRule, options: ConsumeOptions = {}): Promise<LimitDecision> {
    const operation = 'limits.consume';
    const now = this.space.enter(operation);
    this.space.validation.consumption(operation, key, rule, options);
    const { cost = 1, id } = options;
    const name = nameOf(key, rule);
    const taken = this.taken(name, rule, now);
    const first = id === undefined ? undefined : taken.find((one) => one.id === id)?.decision;
    if (first !== undefined) return { ...first };
    const refusal = refusalOf(taken, rule, cost, now);
    if (refusal !== undefined) return refusal;
    const decision: LimitDecision = {
      allowed: true,
      limit: rule.limit,
      remaining: rule.limit - unitsOf(taken) - cost,
      retryAfterMs: 0,
      resetAt: now + rule.windowMs,
    };
    const more: Taken = { at: now, units: cost, ...(id === undefined ? {} : { id, decision }) };
    this.rows.grow(operation, name, { taken: [...taken, more], windowMs: rule.windowMs });
    return { ...decision };
  }

  async peek(key: LimitKey, rule: LimitRule): Promise<LimitDecision> {
    const operation = 'limits.peek';
    const now = this.space.enter(operation);
    this.space.validation.limit(operation, key, rule);
    const taken = this.taken(nameOf(key, rule), rule, now);
    return (
      refusalOf(taken, rule, 1, now) ?? {
        allowed: true,
        limit: rule.limit,
        remaining: rule.limit - unitsOf(taken),
        retryAfterMs: 0,
        resetAt: resetAtOf(taken, rule, now),
      }
    );
  }

  async reset(key: LimitKey, rule: LimitRule): Promise<void> {
    const operation = 'limits.reset';
    this.space.enter(operation);
    this.space.validation.limit(operation, key, rule);
    this.rows.delete(nameOf(key, rule));
  }

  private taken(name: string, { windowMs }: LimitRule, now: EpochMs): readonly Taken[] {
    return this.rows.get(name)?.taken.filter(({ at }) => now - at < windowMs) ?? [];
  }
}

function nameOf({ tenantId, name }: LimitKey, { limit, windowMs }: LimitRule): string {
  return keyOf(tenantId, name, limit, windowMs);
}

function unitsOf(taken: readonly Taken[]): number {
  return taken.reduce((sum, { units }) => sum + units, 0);
}

function resetAtOf(taken: readonly Taken[], { windowMs }: LimitRule, now: EpochMs): EpochMs {
  const last = taken.at(-1);
  return last === undefined ? now : last.at + windowMs;
}

function refusalOf(taken: readonly Taken[], rule: LimitRule, cost: number, now: EpochMs): LimitDecision | undefined {
  const used = unitsOf(taken);
  let missing = used + cost - rule.limit;
  if (missing <= 0) return undefined;
  let retryAt = now + rule.windowMs;
  for (const { at, units } of taken) {
    retryAt = at + rule.windowMs;
    missing -= units;
    if (missing <= 0) break;
  }
  return {
    allowed: false,
    limit: rule.limit,
    remaining: rule.limit - used,
    retryAfterMs: retryAt - now,
    resetAt: resetAtOf(taken, rule, now),
  };
}
