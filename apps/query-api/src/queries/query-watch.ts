import { Inject, Injectable } from '@nestjs/common';
import { ServiceLifecycle } from '@mooring/nest-runtime';
import { Warehouse, WarehouseError } from '@mooring/redshift-sessions';
import type { Statement } from '@mooring/redshift-sessions';
import type { Principal } from '../api-tokens.ts';
import { QueryApiConfig } from '../config.ts';
import { Queries } from './queries.ts';
import { failureOf, isOver, statementNameOf } from './query-record.ts';
import type { QueryRecord } from './query-record.ts';
import { QueryRecords } from './query-records.ts';
import type { StoredQuery } from './query-records.ts';
import { endOf, runTime, warehouseEnd } from './query-run.ts';

const LOOK_AGAIN_MS = 200;
/** What a process may take, besides its wait for a session, until the warehouse has the statement. */
const SUBMISSION_MS = 120_000;
/** How long after its limit a statement is left to the process that runs it. */
const OVERDUE_MS = 10_000;
/** A process that runs a statement of the engine and has not been heard of for so long is gone. */
const SILENT_MS = 30_000;

/** How queries stand, whichever process runs them: from the record, and from the warehouse by the statement's id. */
@Injectable()
export class QueryWatch {
  constructor(
    @Inject(Queries) private readonly queries: Queries,
    @Inject(QueryRecords) private readonly records: QueryRecords,
    @Inject(Warehouse) private readonly warehouse: Warehouse,
    @Inject(ServiceLifecycle) private readonly lifecycle: ServiceLifecycle,
    @Inject(QueryApiConfig) private readonly config: QueryApiConfig,
  ) {}

  statement(id: string): Statement {
    return this.warehouse.statement(id);
  }

  /** The query at its end, or as it stands after `timeoutMs`; undefined when the owner has none with this id. */
  async wait(owner: Principal, id: string, timeoutMs: number): Promise<StoredQuery | undefined> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const leftMs = Math.max(0, until - Date.now());
      const execution = this.queries.find(owner, id);
      if (execution !== undefined) {
        await execution.wait(leftMs, this.lifecycle.signal);
        if (execution.hasEnded) await execution.over;
        return execution.standing();
      }
      const query = await this.records.find(owner, id);
      if (query === undefined || (isOver(query.record) && !isInDoubt(query.record))) return query;
      if (query.record.statementId !== undefined) return this.observe(owner, query, query.record.statementId, leftMs);
      if (isLost(query.record)) return this.lose(owner, query);
      if (isInDoubt(query.record) || this.isLate(query.record)) return this.resolve(owner, query, leftMs);
      if (leftMs === 0 || this.lifecycle.draining) return query;
      await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_AGAIN_MS, leftMs)));
    }
  }

  /** As a list shows it: without asking the warehouse. What a process took with it is lost in a list, too. */
  async glance(owner: Principal, query: StoredQuery): Promise<StoredQuery> {
    if (isOver(query.record) || !isLost(query.record) || this.queries.find(owner, query.id) !== undefined) return query;
    return this.lose(owner, query);
  }

  /** Asks the query to stop; one that is over stays as it is. */
  async cancel(owner: Principal, id: string): Promise<void> {
    for (;;) {
      const execution = this.queries.find(owner, id);
      if (execution !== undefined) return execution.cancel();
      const query = await this.records.find(owner, id);
      if (query === undefined || isOver(query.record)) return undefined;
      const asked = await this.records.replace(owner, query, { ...query.record, cancelRequested: true });
      if (asked === undefined) continue;
      const { statementId } = asked.record;
      if (statementId === undefined) return undefined;
      return this.warehouse.statement(statementId).cancel().catch(ignoreForgotten);
    }
  }

  /** A statement that another process started. */
  private async observe(
    owner: Principal,
    query: StoredQuery,
    statementId: string,
    leftMs: number,
  ): Promise<StoredQuery> {
    const statement = this.warehouse.statement(statementId);
    const { record } = query;
    const state = await statement.wait({ timeoutMs: leftMs, signal: this.lifecycle.signal }).catch((error: unknown) => {
      if (this.lifecycle.draining) return undefined;
      if (error instanceof WarehouseError && error.code === 'statement_not_found') return 'forgotten';
      throw error;
    });
    if (state === 'forgotten') {
      const message = 'The warehouse does not know the statement any more. It may have run.';
      const failure = failureOf('outcome_unknown', message);
      return this.write(owner, query, { ...record, status: 'failed', endedAt: Date.now(), failure });
    }
    const overdue = Date.now() - record.submittedAt > record.timeoutMs + this.config.pool.waitTimeoutMs + OVERDUE_MS;
    if (state === undefined || state.status === 'running') {
      if (overdue) await statement.cancel();
      return query;
    }
    const cancelledByLimit = state.status === 'cancelled' && Date.now() - record.submittedAt >= record.timeoutMs;
    const seen = warehouseEnd(cancelledByLimit ? { ...state, status: 'timed_out' } : state);
    const end = endOf(seen, record);
    const endedAt = Date.now();
    const timings = { ...record.timings, ...runTime(seen), totalMs: endedAt - record.submittedAt };
    return this.write(owner, query, { ...record, ...end, endedAt, timings });
  }

  /** A query whose process may be gone: the warehouse knows the statement by its name, or it was never sent. */
  private async resolve(owner: Principal, query: StoredQuery, leftMs: number): Promise<StoredQuery> {
    const { record } = query;
    const found = await this.warehouse.findStatement(statementNameOf(query.id, record.attempt));
    if (found !== undefined) {
      const { failure: _, endedAt: __, ...rest } = record;
      const adopted = await this.write(owner, query, { ...rest, status: 'running', statementId: found.id });
      return this.observe(owner, adopted, found.id, leftMs);
    }
    if (isOver(record)) return query;
    const message = 'The process that took the query ended before the warehouse knew of it.';
    return this.write(owner, query, {
      ...record,
      status: 'failed',
      endedAt: Date.now(),
      failure: failureOf('query_lost', message),
    });
  }

  /** A statement of the engine, whose process is gone with all that was known of it. */
  private lose(owner: Principal, query: StoredQuery): Promise<StoredQuery> {
    const message =
      'The process that ran the statement ended before the statement did, or its result was kept. It may have run.';
    const failure = failureOf('outcome_unknown', message);
    return this.write(owner, query, { ...query.record, status: 'failed', endedAt: Date.now(), failure });
  }

  /** When another process was faster, what it wrote counts. */
  private async write(owner: Principal, query: StoredQuery, record: QueryRecord): Promise<StoredQuery> {
    const written = await this.records.replace(owner, query, record);
    return written ?? (await this.records.find(owner, query.id)) ?? { ...query, record };
  }

  private isLate({ namespace, submittedAt }: QueryRecord): boolean {
    return namespace === undefined && Date.now() - submittedAt > this.config.pool.waitTimeoutMs + SUBMISSION_MS;
  }
}

function isLost({ namespace, submittedAt, aliveAt = submittedAt }: QueryRecord): boolean {
  return namespace !== undefined && Date.now() - aliveAt > SILENT_MS;
}

/** What the warehouse does not know does not run. */
function ignoreForgotten(error: unknown): void {
  if (!(error instanceof WarehouseError && error.code === 'statement_not_found')) throw error;
}

/** It failed, but it may have run: the warehouse did not say that it has it. */
function isInDoubt({ namespace, status, statementId, neverRan, failure }: QueryRecord): boolean {
  if (namespace !== undefined) return false;
  return status === 'failed' && statementId === undefined && neverRan !== true && failure?.code !== 'query_lost';
}
