import { randomUUID } from 'node:crypto';
import type { CancelTimer, Clock, SessionRef, SessionStore, SessionSummary } from '@mooring/session-store';
import type { Principal } from './principal.ts';
import { isAtLeast } from './role.ts';
import type { RunningQuery } from './running-queries.ts';
import { RecordedQuery, recordOfQuery } from './recorded-query.ts';
import type { QueryRecord } from './recorded-query.ts';

/** What ends sooner is of no interest elsewhere, and costs no call to the store. */
const RECORDED_AFTER_MS = 250;
const PAGE = 1000;

export interface RecordedQueriesParts {
  /** Of a namespace that all processes use. */
  readonly sessions: SessionStore;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}

/** Another process's statement. */
export interface QueryElsewhere {
  readonly userId: string;
  readonly record: QueryRecord;
  /** Several where the answer to a creation was lost. */
  readonly refs: readonly SessionRef[];
}

/**
 * Statements that run for a while, as session records of their users, so that any process shows and ends them. A store that
 * fails hinders no statement.
 */
export class RecordedQueries {
  private readonly process = randomUUID();
  private readonly watched = new Map<RunningQuery, RecordedQuery | undefined>();
  private readonly ending = new Set<Promise<void>>();
  private cancelLook: CancelTimer | undefined;

  constructor(private readonly parts: RecordedQueriesParts) {}

  watch(query: RunningQuery): void {
    this.watched.set(query, undefined);
    this.cancelLook ??= this.parts.clock.after(RECORDED_AFTER_MS, this.look);
  }

  forget(query: RunningQuery): void {
    const recorded = this.watched.get(query);
    this.watched.delete(query);
    if (recorded === undefined) return;
    const end = recorded.end().finally(() => this.ending.delete(end));
    this.ending.add(end);
  }

  /** Those of other processes that the principal may see: a dba the tenant's, others their own. @throws StoreError */
  async list(principal: Principal): Promise<readonly QueryElsewhere[]> {
    const { tenantId, userId } = principal;
    const owner = isAtLeast(principal.role, 'dba') ? { tenantId } : { tenantId, subjectId: userId };
    const found = new Map<string, QueryElsewhere>();
    let cursor: string | undefined;
    do {
      const page = await this.parts.sessions.list(owner, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const item of page.items) this.collect(item, found);
      ({ cursor } = page);
    } while (cursor !== undefined);
    return [...found.values()];
  }

  /** Its process ends the statement when it renews the record. @throws StoreError */
  async end({ refs }: QueryElsewhere): Promise<void> {
    await Promise.all(refs.map((ref) => this.parts.sessions.revoke(ref, 'kill query')));
  }

  /** Resolves when the records of what has ended are ended, too. */
  async close(): Promise<void> {
    this.cancelLook?.();
    await Promise.all(this.ending);
  }

  private readonly look = (): void => {
    const { clock } = this.parts;
    const now = clock.now();
    for (const [query, recorded] of this.watched) {
      if (recorded !== undefined) recorded.keep(now);
      else if (now - query.startedAt >= RECORDED_AFTER_MS) this.record(query).keep(now);
    }
    this.cancelLook = this.watched.size === 0 ? undefined : clock.after(RECORDED_AFTER_MS, this.look);
  };

  private record(query: RunningQuery): RecordedQuery {
    const recorded = new RecordedQuery({ ...this.parts, process: this.process }, query);
    this.watched.set(query, recorded);
    return recorded;
  }

  private collect(item: SessionSummary, found: Map<string, QueryElsewhere>): void {
    const record = recordOfQuery(item);
    const { tenantId, id, subjectId } = item;
    if (record === undefined || subjectId === null || record.process === this.process) return;
    const refs = [...(found.get(record.queryId)?.refs ?? []), { tenantId, id }];
    found.set(record.queryId, { userId: subjectId, record, refs });
  }
}
