import type { AuditEvent, AuditSink } from '@mooring/engine';
import type { EpochMs, Page, PageRequest } from '@mooring/session-store';
import { decodeCursor, encodeCursor } from '@mooring/session-store/adapter';
import type { AuditRow, CatalogTables } from '../catalog-tables.ts';
import { invalidArgument } from '../errors.ts';
import { assertTenant, assertWhole } from '../requests.ts';
import { eventIn } from './stored-event.ts';

export interface PruneRequest {
  /** Events before this time go, of all tenants. */
  readonly olderThan: EpochMs;
  /** The most that one call deletes, 1 to 10,000. */
  readonly limit: number;
  /** Counts, and deletes nothing. */
  readonly dryRun?: boolean;
}

export interface Pruned {
  /** In a dry run, those that would be. */
  readonly deleted: number;
  /** The limit was reached: another call may find more. */
  readonly more: boolean;
}

/** An audit log that is kept. Its rows are written once; only `prune` takes them away, the oldest first. */
export interface AuditLog extends AuditSink {
  /** @throws EngineError `invalid_argument` where `limit` is not 1 to 10,000 */
  recent(tenantId: string, limit: number): Promise<readonly AuditEvent[]>;
  /**
   * A page of the tenant's events, the newest first; those of one millisecond, the last recorded first. Pages neither
   * repeat nor leave out an event that was there when the first one was read.
   * @throws EngineError `invalid_argument` where `limit` is not 1 to 1000, or the cursor of another list
   */
  list(tenantId: string, page: PageRequest): Promise<Page<AuditEvent>>;
  prune(request: PruneRequest): Promise<Pruned>;
}

const LIST = 'audit';
const MOST_RECENT = 10_000;
const MOST_OF_PAGE = 1000;
const MOST_PRUNED = 10_000;
const NEWEST = { at: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };

export class TableAuditLog implements AuditLog {
  constructor(
    private readonly tables: CatalogTables,
    private readonly tableName: string,
  ) {}

  async record(event: AuditEvent): Promise<void> {
    assertTenant(event.tenantId);
    const at = Math.floor(event.at);
    assertWhole('at', at, 0, Number.MAX_SAFE_INTEGER - 1);
    await this.tables.append(event.tenantId, at, JSON.stringify(event));
  }

  async recent(tenantId: string, limit: number): Promise<readonly AuditEvent[]> {
    assertTenant(tenantId);
    assertWhole('limit', limit, 1, MOST_RECENT);
    return this.eventsOf(tenantId, await this.tables.newest(tenantId, NEWEST, limit));
  }

  async list(tenantId: string, { limit, cursor }: PageRequest): Promise<Page<AuditEvent>> {
    assertTenant(tenantId);
    assertWhole('limit', limit, 1, MOST_OF_PAGE);
    const rows = await this.tables.newest(tenantId, cursor === undefined ? NEWEST : placeOf(cursor), limit + 1);
    const items = this.eventsOf(tenantId, rows.slice(0, limit));
    const last = rows[limit - 1];
    if (last === undefined || rows.length <= limit) return { items };
    return { items, cursor: encodeCursor(LIST, [last.at, last.id]) };
  }

  async prune({ olderThan, limit, dryRun = false }: PruneRequest): Promise<Pruned> {
    assertWhole('limit', limit, 1, MOST_PRUNED);
    assertWhole('olderThan', olderThan, 0, Number.MAX_SAFE_INTEGER);
    const deleted = await (dryRun
      ? this.tables.countOldest(olderThan, limit)
      : this.tables.deleteOldest(olderThan, limit));
    return { deleted, more: deleted === limit };
  }

  private eventsOf(tenantId: string, rows: readonly AuditRow[]): AuditEvent[] {
    return rows.map((row) => eventIn(this.tableName, row, tenantId));
  }
}

function placeOf(cursor: string): Pick<AuditRow, 'at' | 'id'> {
  const [at, id, ...rest] = decodeCursor(LIST, cursor) ?? [];
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(id) || rest.length > 0) {
    throw invalidArgument('cursor is none of this list');
  }
  return { at: Number(at), id: Number(id) };
}
