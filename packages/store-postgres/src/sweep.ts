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
  /** Narrows the search to an index; the deadline decides. */
  readonly narrowed?: string;
  readonly order?: string;
  /** What goes along with the table, bounded by the same limit and not counted. */
  readonly alongside?: readonly string[];
}

const HOUR_MS = 3_600_000;
/** No statement that creates a session runs longer than this: a `notBefore` without sessions is then of no use. */
const SUBJECT_KEPT_MS = 24 * HOUR_MS;

const BUCKET = `t.sweep_hour <= clock.ms / ${HOUR_MS}`;

const TABLES: Readonly<Record<SweepTarget, SweptTable>> = {
  sessions: {
    table: 'mooring_sessions',
    key: ['tenant_id', 'id'],
    deadline:
      'case when t.revoked_at is null then least(t.idle_expires_at, t.absolute_expires_at) else t.absolute_expires_at end',
    narrowed: BUCKET,
    order: 't.sweep_hour',
    alongside: [
      `delete from mooring_subjects s using (
      select n.tenant_id, n.subject_id from mooring_subjects n cross join clock cross join fence
      where n.namespace = $1 and n.not_before <= clock.ms - ${SUBJECT_KEPT_MS} and not fence.stale and not $6::boolean
        and not exists (
          select from mooring_sessions t
          where t.namespace = n.namespace and t.tenant_id = n.tenant_id and t.subject_id = n.subject_id
            and t.authenticated_at <= n.not_before
        )
      order by n.not_before limit $3::int for update of n skip locked
    ) d where s.namespace = $1 and s.tenant_id = d.tenant_id and s.subject_id = d.subject_id`,
    ],
  },
  limits: {
    table: 'mooring_limits',
    key: ['tenant_id', 'name', 'max_units', 'window_ms'],
    deadline: 't.free_at',
    narrowed: BUCKET,
    order: 't.sweep_hour',
    alongside: [
      `delete from mooring_limit_answers s using (
      select n.tenant_id, n.name, n.max_units, n.window_ms, n.id
      from mooring_limit_answers n cross join clock cross join fence
      where n.namespace = $1 and n.keep_until <= clock.ms and not fence.stale and not $6::boolean
      order by n.keep_until limit $3::int for update of n skip locked
    ) d where s.namespace = $1 and s.tenant_id = d.tenant_id and s.name = d.name and s.max_units = d.max_units
      and s.window_ms = d.window_ms and s.id = d.id`,
    ],
  },
  attempts: {
    table: 'mooring_attempts',
    key: ['tenant_id', 'scope', 'value'],
    deadline: 't.keep_until',
    narrowed: BUCKET,
    order: 't.sweep_hour',
  },
  budgets: {
    table: 'mooring_budgets',
    key: ['tenant_id', 'name'],
    deadline: 't.ends_at',
    alongside: [
      `delete from mooring_reservations s using (
      select n.tenant_id, n.reservation_id from mooring_reservations n cross join clock cross join fence
      where n.namespace = $1 and n.keep_until <= clock.ms and not fence.stale and not $6::boolean
      order by n.keep_until limit $3::int for update of n skip locked
    ) d where s.namespace = $1 and s.tenant_id = d.tenant_id and s.reservation_id = d.reservation_id`,
      `delete from mooring_budget_holds s using (
      select n.tenant_id, n.name, n.reservation_id from mooring_budget_holds n cross join clock cross join fence
      where n.namespace = $1 and n.expires_at <= clock.ms and not fence.stale and not $6::boolean
      limit $3::int for update of n skip locked
    ) d where s.namespace = $1 and s.tenant_id = d.tenant_id and s.name = d.name
      and s.reservation_id = d.reservation_id`,
    ],
  },
  leases: { table: 'mooring_leases', key: ['name'], deadline: 't.expires_at' },
  pool: {
    table: 'mooring_pool_slots',
    key: ['target', 'slot_id'],
    deadline: 'greatest(t.alive_until, t.lease_expires_at)',
    alongside: [
      `delete from mooring_pool_wants s using (
      select n.target, n.tenant_id, n.identity, n.holder from mooring_pool_wants n cross join clock cross join fence
      where n.namespace = $1 and n.until <= clock.ms and not fence.stale and not $6::boolean
      limit $3::int for update of n skip locked
    ) d where s.namespace = $1 and s.target = d.target and s.tenant_id = d.tenant_id and s.identity = d.identity
      and s.holder = d.holder`,
    ],
  },
};

/** $3 limit, $4 lease and $5 token of the fence (or null), $6 dry run. */
function sweepOf(target: SweepTarget, swept: SweptTable): Statement {
  const { table, key, deadline, narrowed, order, alongside = [] } = swept;
  const keys = key.map((column) => `t.${column}`).join(', ');
  const due = `where t.namespace = $1 and not fence.stale and ${deadline} <= clock.ms${narrowed ? ` and ${narrowed}` : ''}`;
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
    ), due as materialized (
      select ${keys}, ${deadline} as deadline from ${table} t cross join clock cross join fence ${due}
      order by ${order ?? deadline} limit $3::int + 1 for update of t skip locked
    ), batch as materialized (
      select * from due limit $3
    ), deleted as (
      delete from ${table} t using batch d
      where t.namespace = $1 and ${key.map((column) => `t.${column} = d.${column}`).join(' and ')} and not $6::boolean
    )${alongside.map((statement, index) => `, alongside${index} as (${statement})`).join('')}
    select fence.stale, clock.ms - (select min(deadline) from due) as oldest_age,
      (select count(*) from batch) as swept, (select count(*) from due) > $3 as more
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
