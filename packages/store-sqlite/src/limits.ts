import type {
  ConsumeOptions,
  EpochMs,
  LimitDecision,
  LimitKey,
  LimitRule,
  RateLimitStore,
} from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Access, Database } from './database.ts';
import { corrupt } from './errors.ts';
import { query } from './file/connection.ts';

const KEY = `namespace = ? and tenant_id = ? and name = ? and max_units = ? and window_ms = ?`;

const FIND = query<{ taken: string }>(`select taken from limits where ${KEY}`);

const PUT = `insert into limits (namespace, tenant_id, name, max_units, window_ms, taken, keep_until)
  values (?, ?, ?, ?, ?, ?, ?)
  on conflict (namespace, tenant_id, name, max_units, window_ms) do update set
    taken = excluded.taken, keep_until = excluded.keep_until`;

const RESET = `delete from limits where ${KEY}`;

/** When, how many units, and for a call with an id: the id, and what remained then. */
type Taken = readonly [at: EpochMs, units: number, id?: string, remaining?: number];

/** Exact sliding windows: the log of what was accepted within the window, oldest first. */
export class SqliteLimits implements RateLimitStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async consume(key: LimitKey, rule: LimitRule, options: ConsumeOptions = {}): Promise<LimitDecision> {
    const operation = 'limits.consume';
    const { cost = 1, id } = options;
    this.validation.consumption(operation, key, rule, options);
    return this.database.write(operation, (access) => {
      const log = logOf(operation, access, key, rule);
      // A clock that was set back must not make room.
      const now = Math.max(access.now, log.at(-1)?.[0] ?? 0);
      const taken = log.filter(([at]) => now - at < rule.windowMs);
      const first = id === undefined ? undefined : taken.find((one) => one[2] === id);
      if (first !== undefined) return accepted(rule, first[3] ?? 0, first[0]);
      const refusal = refusalOf(taken, rule, cost, access.now);
      if (refusal !== undefined) return refusal;
      const remaining = rule.limit - unitsOf(taken) - cost;
      const more = added(taken, id === undefined ? [now, cost] : [now, cost, id, remaining]);
      access.run(PUT, ...keyOf(access, key, rule), JSON.stringify(more), now + rule.windowMs);
      return accepted(rule, remaining, now);
    });
  }

  async peek(key: LimitKey, rule: LimitRule): Promise<LimitDecision> {
    const operation = 'limits.peek';
    this.validation.limit(operation, key, rule);
    return this.database.read(operation, (access) => {
      const log = logOf(operation, access, key, rule);
      const now = Math.max(access.now, log.at(-1)?.[0] ?? 0);
      const taken = log.filter(([at]) => now - at < rule.windowMs);
      const refusal = refusalOf(taken, rule, 1, access.now);
      if (refusal !== undefined) return refusal;
      const remaining = rule.limit - unitsOf(taken);
      return { allowed: true, limit: rule.limit, remaining, retryAfterMs: 0, resetAt: resetAtOf(taken, rule, now) };
    });
  }

  async reset(key: LimitKey, rule: LimitRule): Promise<void> {
    const operation = 'limits.reset';
    this.validation.limit(operation, key, rule);
    await this.database.write(operation, (access) => access.run(RESET, ...keyOf(access, key, rule)));
  }
}

function keyOf(access: Access, key: LimitKey, rule: LimitRule) {
  return [access.namespace, key.tenantId, key.name, rule.limit, rule.windowMs] as const;
}

function logOf(operation: string, access: Access, key: LimitKey, rule: LimitRule): readonly Taken[] {
  const row = access.one(FIND, ...keyOf(access, key, rule));
  if (row === undefined) return [];
  try {
    return JSON.parse(row.taken) as readonly Taken[];
  } catch {
    throw corrupt(operation, 'the log of a limit is not JSON');
  }
}

/** Units of one millisecond without an id share an entry. */
function added(taken: readonly Taken[], more: Taken): readonly Taken[] {
  const last = taken.at(-1);
  return last?.length === 2 && more.length === 2 && last[0] === more[0]
    ? [...taken.slice(0, -1), [last[0], last[1] + more[1]]]
    : [...taken, more];
}

function accepted(rule: LimitRule, remaining: number, at: EpochMs): LimitDecision {
  return { allowed: true, limit: rule.limit, remaining, retryAfterMs: 0, resetAt: at + rule.windowMs };
}

function unitsOf(taken: readonly Taken[]): number {
  return taken.reduce((sum, [, units]) => sum + units, 0);
}

function resetAtOf(taken: readonly Taken[], { windowMs }: LimitRule, now: EpochMs): EpochMs {
  const last = taken.at(-1);
  return last === undefined ? now : last[0] + windowMs;
}

function refusalOf(taken: readonly Taken[], rule: LimitRule, cost: number, now: EpochMs): LimitDecision | undefined {
  const used = unitsOf(taken);
  let missing = used + cost - rule.limit;
  if (missing <= 0) return undefined;
  let retryAt = now + rule.windowMs;
  for (const [at, units] of taken) {
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
