import type { ConsumeOptions, LimitDecision, LimitKey, LimitRule, RateLimitStore } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Database, Statement } from './database.ts';
import { ARRIVED, CLOCK_UNUSED } from './server-time.ts';

/** $3 tenant, $4 name, $5 limit, $6 window, $7 cost, $8 id or null. */
const TAKE: Statement = {
  name: 'mooring_limit_take_2',
  text: `select mooring_limit_take($1, $2::bigint, $3, $4, $5::int, $6::bigint, $7::int, $8) as answer`,
};

/** $3 tenant, $4 name, $5 limit, $6 window. As the function of the eighth migration looks at a limit. */
const PEEK: Statement = {
  name: 'mooring_limit_peek_1',
  text: `select json_build_array(
      used < $5::int,
      $5::int - used,
      case when used < $5::int then 0 else coalesce(times[gone + used + 1 - $5::int] + $6::bigint - now, $6::bigint) end,
      case when used > 0 then times[gone + used] + $6::bigint else now end
    )::text as answer
    from (
      select times, now, gone, cardinality(times) - gone as used
      from (
        select coalesce(t.times, '{}') as times, c.now,
          width_bucket(greatest(c.now, t.times[cardinality(t.times)]) - $6::bigint, coalesce(t.times, '{}')) as gone
        from (select ${ARRIVED} as now) c left join mooring_limits t
          on t.namespace = $1 and t.tenant_id = $3 and t.name = $4 and t.max_units = $5::int and t.window_ms = $6::bigint
      ) as searched
    ) as counted`,
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

interface AnswerRow {
  readonly answer: string;
}

type Decision = readonly [allowed: boolean, remaining: number, retryAfterMs: number, resetAt: number];

/** Exact sliding windows: the times of the last `limit` units are kept. */
export class PostgresLimits implements RateLimitStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async consume(key: LimitKey, rule: LimitRule, options: ConsumeOptions = {}): Promise<LimitDecision> {
    const operation = 'limits.consume';
    const { cost = 1, id } = options;
    this.validation.consumption(operation, key, rule, options);
    return this.decide(operation, TAKE, rule, [key.tenantId, key.name, rule.limit, rule.windowMs, cost, id ?? null]);
  }

  async peek(key: LimitKey, rule: LimitRule): Promise<LimitDecision> {
    const operation = 'limits.peek';
    this.validation.limit(operation, key, rule);
    return this.decide(operation, PEEK, rule, [key.tenantId, key.name, rule.limit, rule.windowMs]);
  }

  async reset(key: LimitKey, rule: LimitRule): Promise<void> {
    const operation = 'limits.reset';
    this.validation.limit(operation, key, rule);
    await this.database.all(operation, RESET, [key.tenantId, key.name, rule.limit, rule.windowMs]);
  }

  private async decide(
    operation: string,
    statement: Statement,
    rule: LimitRule,
    values: unknown[],
  ): Promise<LimitDecision> {
    const row = await this.database.one<AnswerRow>(operation, statement, values);
    const [allowed, remaining, retryAfterMs, resetAt] = JSON.parse(row?.answer ?? '[]') as Decision;
    return { allowed, limit: rule.limit, remaining, retryAfterMs, resetAt };
  }
}
