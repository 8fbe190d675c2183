import { ok, refused } from '@mooring/session-store';
import type { EpochMs, Result, SweepBatch, SweepRequest, SweepTarget } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Access, Database } from './database.ts';
import { query } from './file/connection.ts';

interface SweptTable {
  readonly table: string;
  readonly key: string;
  /** The column that says when a row is due. */
  readonly deadline: string;
}

/** The first table is what the sweep counts; the others go along, each within the same limit. */
const TABLES: Readonly<Record<SweepTarget, readonly [SweptTable, ...SweptTable[]]>> = {
  sessions: [
    { table: 'sessions', key: 'tenant_id, id', deadline: 'sweep_at' },
    { table: 'subjects', key: 'tenant_id, subject_id', deadline: 'keep_until' },
  ],
  limits: [{ table: 'limits', key: 'tenant_id, name, max_units, window_ms', deadline: 'keep_until' }],
  attempts: [{ table: 'attempts', key: 'tenant_id, scope, value', deadline: 'keep_until' }],
  budgets: [
    { table: 'budgets', key: 'tenant_id, name', deadline: 'keep_until' },
    { table: 'reservations', key: 'tenant_id, reservation_id', deadline: 'keep_until' },
    { table: 'holds', key: 'tenant_id, name, reservation_id', deadline: 'expires_at' },
  ],
  leases: [{ table: 'leases', key: 'name', deadline: 'expires_at' }],
  pool: [
    { table: 'pool_slots', key: 'target, slot_id', deadline: 'counts_until' },
    { table: 'pool_wants', key: 'target, tenant_id, identity, holder', deadline: 'until' },
  ],
};

/** Rows of one transaction: about two milliseconds, in which no other process can write. */
const ROWS_AT_ONCE = 100;
/** Free pages that stay in the file for what comes next: this many, and a quarter of the file. */
const PAGES_KEPT = 256;
const PAGES_AT_ONCE = 64;
const MOST_SHRINKING = 200;

const SEEN_TOKEN = query<{ token: number }>(`select max(
    coalesce((select fencing_token from leases where namespace = ?1 and name = ?2), 0),
    coalesce((select fencing_token from fences where namespace = ?1 and lease = ?2), 0)
  ) as token`);

const SEE_TOKEN = `insert into fences (namespace, lease, fencing_token) values (?, ?, ?)
  on conflict (namespace, lease) do update set fencing_token = max(fencing_token, excluded.fencing_token)`;

const PAGES = query<{ free: number; pages: number }>(
  `select freelist_count as free, page_count as pages from pragma_freelist_count, pragma_page_count`,
);

interface Due {
  readonly rows: number;
  readonly oldest: EpochMs | null;
}

/** Deletes what is dead, a few rows at a time, so that neither the event loop nor another process waits for long. */
export class Sweeps {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async run(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>> {
    this.validation.sweep(request);
    const tables = TABLES[request.target];
    return request.dryRun === true ? this.count(request, tables[0]) : this.delete(request, tables);
  }

  private async count(request: SweepRequest, table: SweptTable): Promise<Result<SweepBatch, 'stale'>> {
    return this.database.read('sweep', (access) => {
      if (isStale(access, request)) return refused('stale');
      const due = dueIn(access, table, request.limit + 1);
      return ok({
        deleted: Math.min(due.rows, request.limit),
        more: due.rows > request.limit,
        oldestExpiredAgeMs: due.oldest === null ? null : access.now - due.oldest,
      });
    });
  }

  private async delete(
    request: SweepRequest,
    [counted, ...along]: readonly [SweptTable, ...SweptTable[]],
  ): Promise<Result<SweepBatch, 'stale'>> {
    let deleted = 0;
    let oldestExpiredAgeMs: number | null = null;
    for (;;) {
      const rows = Math.min(ROWS_AT_ONCE, request.limit - deleted);
      const step = await this.database.write('sweep', (access) => {
        if (isStale(access, request)) return undefined;
        see(access, request);
        const due = dueIn(access, counted, rows + 1);
        if (due.rows > 0) deleteFrom(access, counted, rows);
        return { due, now: access.now };
      });
      if (step === undefined) return refused('stale');
      const { due, now } = step;
      deleted += Math.min(due.rows, rows);
      if (due.oldest !== null) oldestExpiredAgeMs ??= now - due.oldest;
      if (due.rows > rows && deleted < request.limit) continue;
      for (const table of along) await this.deleteAlong(table, request.limit);
      await this.shrink();
      return ok({ deleted, more: due.rows > rows, oldestExpiredAgeMs });
    }
  }

  private async deleteAlong(table: SweptTable, limit: number): Promise<void> {
    for (let left = limit; left > 0;) {
      const rows = Math.min(ROWS_AT_ONCE, left);
      const gone = await this.database.write('sweep', (access) =>
        dueIn(access, table, 1).rows > 0 ? deleteFrom(access, table, rows) : 0,
      );
      if (gone < rows) return;
      left -= gone;
    }
  }

  /** Gives free pages back to the disk, when they are many. */
  private async shrink(): Promise<void> {
    for (let round = 0; round < MOST_SHRINKING; round += 1) {
      const shrunk = await this.database.write('sweep', (access) => {
        const { free, pages } = access.one(PAGES) ?? { free: 0, pages: 0 };
        if (free < PAGES_KEPT || free < pages / 4) return false;
        // One page for each row that the statement gives.
        for (let page = 0; page < PAGES_AT_ONCE; page += 1) access.run('pragma incremental_vacuum(1)');
        return true;
      });
      if (!shrunk) return;
    }
  }
}

function isStale(access: Access, { fence }: SweepRequest): boolean {
  if (fence === undefined) return false;
  const seen = access.one(SEEN_TOKEN, access.namespace, fence.lease)?.token ?? 0;
  return fence.fencingToken < seen;
}

function see(access: Access, { fence }: SweepRequest): void {
  if (fence !== undefined) access.run(SEE_TOKEN, access.namespace, fence.lease, fence.fencingToken);
}

function dueIn(access: Access, { table, deadline }: SweptTable, limit: number): Due {
  const due = query<Due>(`select count(*) as rows, min(deadline) as oldest from (
    select ${deadline} as deadline from ${table} where namespace = ? and ${deadline} <= ? order by ${deadline} limit ?
  )`);
  return access.one(due, access.namespace, access.now, limit) ?? NOTHING;
}

const NOTHING: Due = { rows: 0, oldest: null };

function deleteFrom(access: Access, { table, key, deadline }: SweptTable, limit: number): number {
  const text = `delete from ${table} where namespace = ? and (${key}) in (
    select ${key} from ${table} where namespace = ? and ${deadline} <= ? order by ${deadline} limit ?
  )`;
  return access.run(text, access.namespace, access.namespace, access.now, limit);
}
