import { ok, refused } from '@mooring/session-store';
import type { Result, SweepBatch, SweepRequest, SweepTarget } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Database, Statement } from './database.ts';
import { CLOCK } from './server-time.ts';

interface SweptTable {
  readonly table: string;
  readonly key: readonly string[];
  /** When a row is due. */
  readonly deadline: string;
  /** What else must hold. `>= 0` always does: the indexes for sweeps are partial, and this leads to them. */
  readonly where?: string;
  readonly order?: string;
  /** What goes along with the table, bounded by the same limit and not counted. */
  readonly alongside?: readonly SweptTable[];
}

const HOUR_MS = 3_600_000;
const IN_BUCKET = `t.sweep_hour >= 0 and t.sweep_hour <= clock.ms / ${HOUR_MS}`;
/** No statement that creates a session runs longer than this: a `notBefore` without sessions is then of no use. */
const SUBJECT_KEPT_MS = 24 * HOUR_MS;

const TABLES: Readonly<Record<SweepTarget, SweptTable>> = {
  sessions: {
    table: 'mooring_sessions',
    key: ['tenant_id', 'id'],
    deadline: `case
      when t.revoked_at is null then least(t.idle_expires_at, t.absolute_expires_at)
      else t.absolute_expires_at
    end`,
    where: IN_BUCKET,
    order: 't.sweep_hour',
    alongside: [
      {
        table: 'mooring_subjects',
        key: ['tenant_id', 'subject_id'],
        deadline: `t.not_before + ${SUBJECT_KEPT_MS}`,
        where: `t.not_before >= 0 and t.not_before <= clock.ms and not exists (
          select from mooring_sessions s
          where s.namespace = t.namespace and s.tenant_id = t.tenant_id and s.subject_id = t.subject_id
            and s.authenticated_at <= t.not_before
        )`,
        order: 't.not_before',
      },
    ],
  },
  limits: {
    table: 'mooring_limits',
    key: ['tenant_id', 'name', 'max_units', 'window_ms'],
    deadline: 't.free_at',
    where: IN_BUCKET,
    order: 't.sweep_hour',
    alongside: [
      {
        table: 'mooring_limit_answers',
        key: ['tenant_id', 'name', 'max_units', 'window_ms', 'id'],
        deadline: 't.keep_until',
        where: 't.keep_until >= 0',
      },
    ],
  },
  attempts: {
    table: 'mooring_attempts',
    key: ['tenant_id', 'scope', 'value'],
    deadline: 't.keep_until',
    where: IN_BUCKET,
    order: 't.sweep_hour',
  },
  budgets: {
    table: 'mooring_budgets',
    key: ['tenant_id', 'name'],
    deadline: 't.ends_at',
    where: `t.ends_at >= 0 and not exists (
      select from mooring_budget_holds h
      where h.namespace = t.namespace and h.tenant_id = t.tenant_id and h.name = t.name and h.expires_at > clock.ms
    )`,
    alongside: [
      {
        table: 'mooring_reservations',
        key: ['tenant_id', 'reservation_id'],
        deadline: 't.keep_until',
        where: 't.keep_until >= 0',
      },
      { table: 'mooring_budget_holds', key: ['tenant_id', 'name', 'reservation_id'], deadline: 't.expires_at' },
    ],
  },
  leases: { table: 'mooring_leases', key: ['name'], deadline: 't.expires_at' },
  pool: {
    table: 'mooring_pool_slots',
    key: ['target', 'slot_id'],
    deadline: 'greatest(t.alive_until, t.lease_expires_at)',
    alongside: [
      {
        table: 'mooring_pool_wants',
        key: ['target', 'tenant_id', 'identity', 'holder'],
        deadline: 't.until',
      },
    ],
  },
};

/**
 * Locks what is due, one row more than the limit, then deletes up to the limit. The lock is what rechecks a row that
 * was touched after the snapshot; materialized, because a join may run a subquery with a limit more than once.
 */
function batchOf(name: string, { table, key, deadline, where, order }: SweptTable): string {
  return `${name}_due as materialized (
      select ${key.map((column) => `t.${column}`).join(', ')}, ${deadline} as deadline
      from ${table} t cross join clock cross join fence
      where t.namespace = $1 and not fence.stale and ${deadline} <= clock.ms${where === undefined ? '' : ` and ${where}`}
      order by ${order ?? deadline} limit $3::int + 1 for update of t skip locked
    ), ${name}_batch as materialized (
      select * from ${name}_due limit $3::int
    ), ${name}_deleted as (
      delete from ${table} t using ${name}_batch d
      where t.namespace = $1 and ${key.map((column) => `t.${column} = d.${column}`).join(' and ')} and not $6::boolean
    )`;
}

/** $3 limit, $4 lease and $5 token of the fence (or null), $6 dry run. */
function sweepOf(target: SweepTarget, swept: SweptTable): Statement {
  const batches = [swept, ...(swept.alongside ?? [])].map((each) => batchOf(each.table, each));
  return {
    name: `mooring_sweep_${target}_1`,
    text: `with clock as materialized (select ms from ${CLOCK} c), fence as materialized (
      select coalesce((select l.fencing_token from mooring_leases l where l.namespace = $1 and l.name = $4) > $5::bigint, false)
        or coalesce((select f.fencing_token from mooring_fences f where f.namespace = $1 and f.lease = $4) > $5, false)
        as stale
    ), seen as (
      insert into mooring_fences as f (namespace, lease, fencing_token)
      select $1, $4, $5 from fence where $4 is not null and not fence.stale
      on conflict (namespace, lease) do update set fencing_token = excluded.fencing_token
        where f.fencing_token < excluded.fencing_token
    ), ${batches.join(', ')}
    select fence.stale, clock.ms - (select min(deadline) from ${swept.table}_due) as oldest_age,
      (select count(*) from ${swept.table}_batch) as swept, (select count(*) from ${swept.table}_due) > $3 as more
    from fence cross join clock`,
  };
}

interface SweepRow {
  readonly stale: boolean;
  readonly oldest_age: number | null;
  readonly swept: number;
  readonly more: boolean;
}

/** Deletes what is dead in bounded batches. Rows that someone works on are passed over, so sweeps never wait. */
export class Sweeps {
  private readonly statements = new Map<SweepTarget, Statement>();

  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {
    for (const [target, swept] of Object.entries(TABLES) as [SweepTarget, SweptTable][]) {
      this.statements.set(target, sweepOf(target, swept));
    }
  }

  async run(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>> {
    this.validation.sweep(request);
    const statement = this.statements.get(request.target);
    if (statement === undefined) throw this.validation.invalid('sweep', 'target is not one that can be swept');
    const row = await this.database.one<SweepRow>('sweep', statement, [
      request.limit,
      request.fence?.lease ?? null,
      request.fence?.fencingToken ?? null,
      request.dryRun ?? false,
    ]);
    if (row === undefined || row.stale) return refused('stale');
    return ok({ deleted: row.swept, more: row.more, oldestExpiredAgeMs: row.oldest_age });
  }
}
