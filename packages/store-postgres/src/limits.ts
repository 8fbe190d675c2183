import type { ConsumeOptions, LimitDecision, LimitKey, LimitRule, RateLimitStore } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Database, Statement } from './database.ts';
import { CLOCK_UNUSED } from './server-time.ts';

/** A limit's times are one array in one row, rewritten with each unit taken; above this that costs too much. */
const MOST_UNITS = 10_000;

/** $3 tenant, $4 name, $5 limit, $6 window, $7 cost, $8 id or null, $9 whether to look only. */
const TAKE: Statement = {
  name: 'mooring_limit_take_1',
  text: `select allowed, remaining, retry_after_ms, reset_at
    from mooring_limit_take($1, $2::bigint, $3, $4, $5::int, $6::bigint, $7::int, $8, $9::boolean)`,
};

const RESET: Statement = {
  name: 'mooring_limit_reset_1',
  text: `with answers as (
    delete from mooring_limit_answers a
    where a.namespace = $1 and a.tenant_id = $3 and a.name = $4 and a.max_units = $5::int and a.window_ms = $6::bigint
      and ${CLOCK_UNUSED}
  )
  delete from mooring_limits t
  where t.namespace = $1 and t.tenant_id = $3 and t.name = $4 and t.max_units = $5 and t.window_ms = $6`,
};

interface DecisionRow {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retry_after_ms: number;
  readonly reset_at: number;
}

/** Exact sliding windows: the times of the last `limit` units are kept in a ring. */
export class PostgresLimits implements RateLimitStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async consume(key: LimitKey, rule: LimitRule, options: ConsumeOptions = {}): Promise<LimitDecision> {
    const operation = 'limits.consume';
    const { cost = 1, id } = options;
    this.validate(operation, key, rule);
    this.validation.integer(operation, 'cost', cost, 1, Math.max(rule.limit, 1));
    if (id !== undefined) this.validation.text(operation, 'id', id);
    return this.take(operation, key, rule, cost, id ?? null, false);
  }

  async peek(key: LimitKey, rule: LimitRule): Promise<LimitDecision> {
    const operation = 'limits.peek';
    this.validate(operation, key, rule);
    return this.take(operation, key, rule, 1, null, true);
  }

  async reset(key: LimitKey, rule: LimitRule): Promise<void> {
    const operation = 'limits.reset';
    this.validate(operation, key, rule);
    await this.database.all(operation, RESET, [key.tenantId, key.name, rule.limit, rule.windowMs]);
  }

  private validate(operation: string, key: LimitKey, rule: LimitRule): void {
    this.validation.text(operation, 'tenantId', key.tenantId);
    this.validation.text(operation, 'name', key.name);
    this.validation.integer(operation, 'limit', rule.limit, 0, MOST_UNITS);
    this.validation.duration(operation, 'windowMs', rule.windowMs);
  }

  private async take(
    operation: string,
    key: LimitKey,
    rule: LimitRule,
    cost: number,
    id: string | null,
    peek: boolean,
  ): Promise<LimitDecision> {
    const row = await this.database.one<DecisionRow>(operation, TAKE, [
      key.tenantId,
      key.name,
      rule.limit,
      rule.windowMs,
      cost,
      id,
      peek,
    ]);
    return {
      allowed: row?.allowed ?? false,
      limit: rule.limit,
      remaining: row?.remaining ?? 0,
      retryAfterMs: row?.retry_after_ms ?? rule.windowMs,
      resetAt: row?.reset_at ?? 0,
    };
  }
}
