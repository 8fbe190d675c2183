import { isAtLeast } from '@mooring/engine';
import type { Principal, SourceRow } from '@mooring/engine';
import { StoreError } from '@mooring/session-store';
import type { SessionRecord, SessionStore, SessionSummary } from '@mooring/session-store';
import type { RunRecords, StoredRun } from '@mooring/session-sweeper';
import { fromData } from '../../queries/query-record.ts';
import type { QueryRecord } from '../../queries/query-record.ts';
import { everyItem } from './every-item.ts';
import { seenOwner } from './seen-owner.ts';

export interface QueryJob {
  readonly userId: string;
  readonly record: QueryRecord;
}

/**
 * What goes on by itself: queries that were sent to `/v1/queries`, of the tenant, and runs of the cleanup worker, which are
 * about all tenants and so for `system` alone.
 */
export class Jobs {
  constructor(
    private readonly queries: Pick<SessionStore, 'list' | 'get'>,
    private readonly runs: RunRecords,
  ) {}

  /** As their records have them. @throws StoreError */
  async rows(principal: Principal): Promise<readonly SourceRow[]> {
    const queries = await everyItem((page) => this.queries.list(seenOwner(principal), page));
    const rows = queries.map(queryRow);
    if (principal.role !== 'system') return rows;
    const runs = await everyItem(async (page) => {
      const { runs: items, ...rest } = await this.runs.listAll(page);
      return { items, ...rest };
    });
    return [...rows, ...runs.map((run) => runRow(run, principal.tenantId))];
  }

  /** One that the principal may end. @throws StoreError */
  async findQuery({ tenantId, userId, role }: Principal, id: string): Promise<QueryJob | undefined> {
    const found = await this.session(tenantId, id);
    if (found === undefined || found.subjectId === null) return undefined;
    const isTheirs = found.subjectId === userId || isAtLeast(role, 'dba');
    return isTheirs ? { userId: found.subjectId, record: fromData(found.data) } : undefined;
  }

  private async session(tenantId: string, id: string): Promise<SessionRecord | undefined> {
    try {
      const found = await this.queries.get({ tenantId, id });
      return found.ok ? found.value : undefined;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'invalid_argument') return undefined;
      throw error;
    }
  }
}

function queryRow({ tenantId, subjectId, id, data }: SessionSummary): SourceRow {
  const { status, failure, sql, submittedAt, timings, endedAt } = fromData(data);
  const waitedMs = timings?.queuedMs;
  const times = {
    created_at: timeOf(submittedAt),
    started_at: timeOf(waitedMs === undefined ? undefined : submittedAt + waitedMs),
    finished_at: timeOf(endedAt),
  };
  const message = failure?.message ?? sql;
  return {
    tenantId,
    userId: subjectId,
    values: { job_id: id, user_id: subjectId, kind: 'query', state: status, message, ...times },
  };
}

function runRow({ id, record }: StoredRun, tenantId: string): SourceRow {
  const { task, status, failure, progress, removed, dueAt, startedAt, endedAt } = record;
  const message = failure?.message ?? `${progress?.removed ?? removed} removed`;
  const times = {
    created_at: timeOf(dueAt ?? startedAt),
    started_at: status === 'waiting' || status === 'skipped' ? null : timeOf(startedAt),
    finished_at: timeOf(endedAt),
  };
  return { tenantId, userId: null, values: { job_id: id, kind: task, state: status, message, ...times } };
}

function timeOf(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : new Date(at).toISOString();
}
