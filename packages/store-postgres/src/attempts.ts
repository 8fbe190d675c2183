import type { AttemptKey, AttemptStore, AttemptVerdict } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Database, Statement } from './database.ts';
import { CLOCK, CLOCK_UNUSED } from './server-time.ts';

/** $3 tenant, then of each key: $4 scope, $5 value, $6 window. */
const CHECK: Statement = {
  name: 'mooring_attempts_check_1',
  text: `select k.place as position, clock.ms,
      (select count(*) from unnest(t.failures) f where f > clock.ms - k.window_ms) as failures,
      case when t.locked_until > clock.ms then t.locked_until end as locked_until
    from ${CLOCK} clock
    cross join unnest($4::text[], $5::text[], $6::bigint[])
      with ordinality as k (scope, value, window_ms, place)
    left join mooring_attempts t
      on t.namespace = $1 and t.tenant_id = $3 and t.scope = k.scope and t.value = k.value
    order by k.place`,
};

/** $3 tenant, then of each key: $4 scope, $5 value, $6 limit, $7 window, $8 lock steps, $9 quiet time; $10 id or null. */
const FAIL: Statement = {
  name: 'mooring_attempts_fail_1',
  text: `select "position", failures, locked_until, ms from mooring_attempts_fail(
      $1, $2::bigint, $3, $4::text[], $5::text[], $6::int[], $7::bigint[], $8::text[], $9::bigint[], $10)
    order by "position"`,
};

const SUCCEED: Statement = {
  name: 'mooring_attempts_succeed_1',
  text: `delete from mooring_attempts t using unnest($4::text[], $5::text[]) as k (scope, value)
    where t.namespace = $1 and t.tenant_id = $3 and t.scope = k.scope and t.value = k.value
      and t.scope in ('account', 'account_ip') and ${CLOCK_UNUSED}`,
};

interface StateRow {
  readonly position: number;
  readonly failures: number;
  readonly locked_until: number | null;
  readonly ms: number;
}

/** Failed attempts: the failures within the window, and locks that grow longer while failures go on. */
export class PostgresAttempts implements AttemptStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async check(tenantId: string, keys: readonly AttemptKey[]): Promise<AttemptVerdict> {
    const operation = 'attempts.check';
    this.validation.attempts(operation, tenantId, keys);
    const rows = await this.database.all<StateRow>(operation, CHECK, [
      tenantId,
      keys.map(({ scope }) => scope),
      keys.map(({ value }) => value),
      keys.map(({ policy }) => policy.windowMs),
    ]);
    return verdictOf(keys, rows);
  }

  async recordFailure(
    tenantId: string,
    keys: readonly AttemptKey[],
    options: { readonly id?: string } = {},
  ): Promise<AttemptVerdict> {
    const operation = 'attempts.recordFailure';
    this.validation.attempts(operation, tenantId, keys);
    if (options.id !== undefined) this.validation.text(operation, 'id', options.id);
    const rows = await this.database.all<StateRow>(operation, FAIL, [
      tenantId,
      keys.map(({ scope }) => scope),
      keys.map(({ value }) => value),
      keys.map(({ policy }) => policy.limit),
      keys.map(({ policy }) => policy.windowMs),
      keys.map(({ policy }) => `{${policy.lockStepsMs.join(',')}}`),
      keys.map(({ policy }) => policy.resetAfterMs),
      options.id ?? null,
    ]);
    return verdictOf(keys, rows);
  }

  async recordSuccess(tenantId: string, keys: readonly AttemptKey[]): Promise<void> {
    const operation = 'attempts.recordSuccess';
    this.validation.attempts(operation, tenantId, keys);
    await this.database.all(operation, SUCCEED, [
      tenantId,
      keys.map(({ scope }) => scope),
      keys.map(({ value }) => value),
    ]);
  }
}

function verdictOf(keys: readonly AttemptKey[], rows: readonly StateRow[]): AttemptVerdict {
  const waits = rows.map((row) => (row.locked_until === null ? 0 : row.locked_until - row.ms));
  const retryAfterMs = Math.max(0, ...waits);
  const states = keys.map(({ scope }, index) => ({
    scope,
    failures: rows[index]?.failures ?? 0,
    lockedUntil: rows[index]?.locked_until ?? null,
  }));
  return { allowed: retryAfterMs === 0, retryAfterMs, states };
}
