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

/** How many batches one look finds rows for. */
const BATCHES_AHEAD = 10;

/** What is due of a table. */
function dueIn({ table, deadline, where }: SweptTable): string {
  return `from ${table} t cross join clock cross join fence
      where t.namespace = $1 and not fence.stale and ${deadline} <= clock.ms${where === undefined ? '' : ` and ${where}`}`;
}

/**
 * Finds where rows are that are due, for many batches at once: an index by the hour also leads to all that live beyond this
 * minute of the hour, and to pass over those for each batch costs more than the batch. Empty when places are given.
 */
function searchOf(swept: SweptTable): string {
  return `${swept.table}_found as materialized (
      select t.ctid as place ${dueIn(swept)} and $7::tid[] is null
      order by ${swept.order ?? swept.deadline} limit $3::int * ${BATCHES_AHEAD} + 1
    )`;
}

/**
 * Locks what is due, one row more than the limit, then deletes up to the limit. The lock is what rechecks a row that
 * was touched after the snapshot; materialized, because a join may run a subquery with a limit more than once.
 */
function batchOf(swept: SweptTable, places?: string): string {
  const { table: name, key, deadline, order } = swept;
  return `${name}_due as materialized (
      select ${key.map((column) => `t.${column}`).join(', ')}, ${deadline} as deadline
      ${dueIn(swept)}${places === undefined ? '' : ` and t.ctid = any (${places})`}
      ${places === undefined ? `order by ${order ?? deadline}` : ''} limit $3::int + 1 for update of t skip locked
    ), ${name}_batch as materialized (
      select * from ${name}_due limit $3::int
    ), ${name}_deleted as (
      delete from ${name} t using ${name}_batch d
      where t.namespace = $1 and ${key.map((column) => `t.${column} = d.${column}`).join(' and ')} and not $6::boolean
    )`;
}

/** $3 limit, $4 lease and $5 token of the fence (or null), $6 dry run, $7 places to look at, or null to search. */
function sweepOf(target: SweepTarget, swept: SweptTable): Statement {
  const { table } = swept;
  const places = `coalesce($7::tid[], array(select place from ${table}_found limit $3::int))`;
  const batches = [
    searchOf(swept),
    batchOf(swept, places),
    ...(swept.alongside ?? []).map((alongside) => batchOf(alongside)),
  ];
  return {
    name: `mooring_sweep_${target}_2`,
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
    select fence.stale, clock.ms - (select min(deadline) from ${table}_due) as oldest_age,
      (select count(*) from ${table}_batch) as swept,
      (select string_agg(place::text, ' ') from (select place from ${table}_found offset $3::int) beyond) as beyond
    from fence cross join clock`,
  };
}

interface SweepRow {
  readonly stale: boolean;
  readonly oldest_age: number | null;
  readonly swept: number;
  /** Places of rows that were found beyond the batch. */
  readonly beyond: string | null;
}

/** What a search found beyond its batch, for the batches of the same sweep that follow. */
interface Ahead {
  readonly lease: string | null;
  readonly fencingToken: number | null;
  places: string[];
}

/** Deletes what is dead in bounded batches. Rows that someone works on are passed over, so sweeps never wait. */
export class Sweeps {
  private readonly statements = new Map<SweepTarget, Statement>();
  private readonly ahead = new Map<SweepTarget, Ahead>();

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
    const { target, limit, fence, dryRun = false } = request;
    const [lease, fencingToken] = [fence?.lease ?? null, fence?.fencingToken ?? null];
    const places = dryRun ? null : this.placesFor(target, limit, lease, fencingToken);
    const given = places === null ? null : `{${places.map((place) => `"${place}"`).join()}}`;
    const values = [limit, lease, fencingToken, dryRun, given];
    const row = await this.database.one<SweepRow>('sweep', statement, values);
    if (row === undefined || row.stale) return refused('stale');
    const beyond = row.beyond?.split(' ') ?? [];
    if (!dryRun && beyond.length > 0) this.ahead.set(target, { lease, fencingToken, places: beyond });
    const more = places !== null || beyond.length > 0;
    return ok({ deleted: row.swept, more, oldestExpiredAgeMs: row.oldest_age });
  }

  /**
   * Places of the next batch, from the last search of the same sweep; null when too few are left to know that more is due
   * beyond the batch. They may be out of date: whatever is there now is looked at as if it had just been found.
   */
  private placesFor(target: SweepTarget, limit: number, lease: string | null, token: number | null): string[] | null {
    const ahead = this.ahead.get(target);
    if (ahead !== undefined && ahead.places.length > limit && ahead.lease === lease && ahead.fencingToken === token) {
      return ahead.places.splice(0, limit);
    }
    this.ahead.delete(target);
    return null;
  }
}
