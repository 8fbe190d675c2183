import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { Logger, Metrics, ProblemError, ServiceLifecycle, validationProblem } from '@mooring/nest-runtime';
import { Warehouse } from '@mooring/redshift-sessions';
import type { Principal } from '../api-tokens.ts';
import { QueryApiConfig } from '../config.ts';
import { problems } from '../problems.ts';
import { hasOwnUser, targetOf, warehouseOf } from '../warehouse-target.ts';
import { EngineRuns } from './engine-runs.ts';
import type { QueryOrigin } from './engine-runs.ts';
import { QueryBudget } from './query-budget.ts';
import type { HeldBudget } from './query-budget.ts';
import { QueryExecution } from './query-execution.ts';
import { QueryMetrics } from './query-metrics.ts';
import type { WatchedQuery } from './query-metrics.ts';
import { beginningOf, failureOf, statementNameOf } from './query-record.ts';
import type { QueryRecord } from './query-record.ts';
import { QueryRecords } from './query-records.ts';
import type { StoredQuery } from './query-records.ts';
import { DEFAULT_MAX_ROWS, fingerprintOf } from './query-request.ts';
import type { QueryRequest } from './query-request.ts';
import { warehouseRun } from './query-run.ts';
import type { QueryRun } from './query-run.ts';
import { assertForm, namedParameters, positionalParameters } from './request-parameters.ts';
import { SessionWatch } from './session-watch.ts';
import { shownSql } from './shown-sql.ts';

/** For sessions that are still being closed or given back after the last statement. */
const GIVE_BACK_MS = 5000;

export interface Submitted {
  readonly id: string;
  /** The query was there already, under its key. */
  readonly replayed: boolean;
  /** Absent when this process does not run it. */
  readonly execution?: QueryExecution;
  /** What is left of the tenant's budgets, where it has some. */
  readonly budget?: string | undefined;
}

interface Start {
  readonly owner: Principal;
  readonly id: string;
  readonly record: QueryRecord;
  readonly request: QueryRequest;
  readonly origin: QueryOrigin;
  readonly signal: AbortSignal;
}

/** Starts queries, each once, and knows those that this process runs. */
@Injectable()
export class Queries implements BeforeApplicationShutdown {
  private readonly running = new Map<string, QueryExecution>();
  private readonly watched: QueryMetrics;

  constructor(
    @Inject(Warehouse) private readonly warehouse: Warehouse,
    @Inject(EngineRuns) private readonly engine: EngineRuns,
    @Inject(QueryRecords) private readonly records: QueryRecords,
    @Inject(QueryBudget) private readonly budget: QueryBudget,
    @Inject(SessionWatch) private readonly sessions: SessionWatch,
    @Inject(ServiceLifecycle) private readonly lifecycle: ServiceLifecycle,
    @Inject(QueryApiConfig) private readonly config: QueryApiConfig,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.watched = new QueryMetrics(metrics, () => this.running.size);
  }

  /** The execution of a query that this process runs. */
  find(owner: Principal, id: string): QueryExecution | undefined {
    return this.running.get(keyOf(owner, id));
  }

  /** Runs the query. Its record is written while the warehouse works, so that it costs no time. */
  async start(owner: Principal, request: QueryRequest, origin: QueryOrigin = {}): Promise<Submitted> {
    const id = this.records.newId(owner);
    this.assertMayRun(owner, request);
    const record = this.newRecord(request, 1);
    const held = await this.hold(owner, id, record, request);
    const cancellation = new AbortController();
    const watched = this.watched.begin(id, owner.tenantId);
    const accepted = watched.within(() =>
      this.execute({ owner, id, record, request, origin, signal: cancellation.signal }),
    );
    await refusedAtOnce(accepted).catch(async (error: unknown) => {
      watched.refused();
      await held.settle({ ...record, neverRan: true });
      throw error;
    });
    const recorded = this.records.create(owner, id, record).then((created) => {
      if (created === 'exists') throw new Error('a new id was taken');
      return created;
    }, notRecorded);
    const execution = watched.within(() => this.track(owner, id, recorded, accepted, cancellation, origin));
    this.settleAfter(execution, held, record);
    endAfter(execution, watched, record);
    return { id, replayed: false, execution, budget: held.remaining };
  }

  /** Runs the query once, however often it is asked for with this key. The record comes first: it is the lock. */
  async startOnce(owner: Principal, request: QueryRequest, key: string, origin: QueryOrigin = {}): Promise<Submitted> {
    this.assertMayRun(owner, request);
    const id = this.records.idOfKey(owner, key);
    const fingerprint = fingerprintOf(request);
    for (;;) {
      const created = await this.records.create(owner, id, this.newRecord(request, 1));
      if (created !== 'exists') return this.begin(owner, request, created, origin);
      const existing = await this.records.find(owner, id);
      if (existing === undefined) {
        throw new ProblemError('idempotency_key_expired', 'The query of this key is not kept any more. Use a new key.');
      }
      if (existing.record.neverRan !== true) {
        if (existing.record.fingerprint !== fingerprint) {
          throw new ProblemError('idempotency_key_reused', 'The key was used with another body. Use a new key.', {
            errors: [{ header: 'Idempotency-Key', detail: 'belongs to another request' }],
          });
        }
        return { id, replayed: true, ...optional(this.find(owner, id)) };
      }
      const again = this.newRecord(request, existing.record.attempt + 1);
      const taken = await this.records.replace(owner, existing, again);
      if (taken !== undefined) return this.begin(owner, request, taken, origin);
    }
  }

  /** Gives sessions back, and writes down what became of queries that were waiting for one, or ran on the engine. */
  async beforeApplicationShutdown(): Promise<void> {
    const ended = [...this.running.values()].map((execution) => execution.endWithProcess());
    await this.warehouse.close({ waitMs: GIVE_BACK_MS });
    await Promise.allSettled(ended);
  }

  private async begin(
    owner: Principal,
    request: QueryRequest,
    query: StoredQuery,
    origin: QueryOrigin,
  ): Promise<Submitted> {
    const held = await this.hold(owner, query.id, query.record, request).catch(async (error: unknown) => {
      const { code, detail } = problems.find(error) ?? problems.problem('internal_error');
      const failure = failureOf(code, detail);
      // The key may be used again: it did not run.
      await this.records.replace(owner, query, { ...query.record, status: 'failed', failure, neverRan: true });
      throw error;
    });
    const cancellation = new AbortController();
    const watched = this.watched.begin(query.id, owner.tenantId);
    const accepted = watched.within(() =>
      this.execute({
        owner,
        id: query.id,
        record: query.record,
        request,
        origin,
        signal: cancellation.signal,
      }),
    );
    const execution = watched.within(() =>
      this.track(owner, query.id, Promise.resolve(query), accepted, cancellation, origin),
    );
    this.settleAfter(execution, held, query.record);
    endAfter(execution, watched, query.record);
    return { id: query.id, replayed: false, execution, budget: held.remaining };
  }

  private hold(owner: Principal, id: string, record: QueryRecord, request: QueryRequest): Promise<HeldBudget> {
    const { maxRows = request.export === undefined ? DEFAULT_MAX_ROWS : 0 } = request;
    return this.budget.hold(owner, id, record, maxRows);
  }

  private settleAfter(execution: QueryExecution, held: HeldBudget, record: QueryRecord): void {
    void execution.over
      .then(() => execution.standing())
      .then(
        (query) => held.settle(query.record),
        // It could not be recorded, and may have run: it costs what was held.
        () => held.settle(record),
      );
  }

  private track(
    owner: Principal,
    id: string,
    recorded: Promise<StoredQuery>,
    accepted: Promise<QueryRun>,
    cancellation: AbortController,
    { requestId, traceId }: QueryOrigin,
  ): QueryExecution {
    const parts = {
      records: this.records,
      now: () => Date.now(),
      warn: (message: string, error: unknown) =>
        this.logger.warn({ requestId, traceId, context: 'Queries', error: nameOf(error) }, message),
    };
    const execution = new QueryExecution(parts, owner, recorded, accepted, cancellation);
    const key = keyOf(owner, id);
    this.running.set(key, execution);
    this.lifecycle.holdFor(execution.over);
    // Who was logged out, disabled or given another role has nothing running. What merely ran out had been allowed.
    const unwatch = this.sessions.watch(owner, (end) => {
      if (end === 'revoked') execution.cancel();
    });
    void execution.over
      .catch(() => undefined)
      .then(() => {
        unwatch();
        if (this.running.get(key) === execution) this.running.delete(key);
      });
    return execution;
  }

  private async execute({ owner, id, record, request, origin, signal }: Start): Promise<QueryRun> {
    const { sql } = request;
    if (record.namespace !== undefined) {
      const maxRows = request.export === undefined ? Infinity : (request.maxRows ?? Infinity);
      const parameters = positionalParameters(request);
      return this.engine.start({ owner, id, record, sql, parameters, maxRows, origin, signal });
    }
    const statement = await this.warehouse.execute({
      tenantId: owner.tenantId,
      target: targetOf(warehouseOf(this.config), owner),
      sql,
      mode: record.session,
      timeoutMs: record.timeoutMs,
      statementName: statementNameOf(id, record.attempt),
      signal,
      parameters: namedParameters(request).map(([name, value]) => ({ name, value })),
      ...(request.overflow === undefined ? {} : { overflow: request.overflow }),
    });
    return warehouseRun(statement);
  }

  private assertMayRun(owner: Principal, request: QueryRequest): void {
    assertForm(request);
    if (request.namespace === undefined) return this.assertOwnUser(owner);
    this.engine.assertKeepsResults();
    if (request.export === undefined || request.maxRows !== undefined || !this.budget.limitsRows) return;
    const detail = 'is needed: your tenant has a budget of rows, and as many are held back of it';
    throw validationProblem([{ pointer: '#/maxRows', detail }]);
  }

  private assertOwnUser(owner: Principal): void {
    const { tokens } = this.config;
    if (hasOwnUser(warehouseOf(this.config), tokens.configured, owner)) return;
    throw new ProblemError('forbidden', 'Your tenant has no database user of its own here; ask the operator.');
  }

  private newRecord(request: QueryRequest, attempt: number): QueryRecord {
    const { timeoutMs } = this.config.queries;
    const { namespace } = request;
    return {
      fingerprint: fingerprintOf(request),
      sql: beginningOf(shownSql(request.sql, namespace)),
      session: request.session ?? 'reuse',
      ...(namespace === undefined ? {} : { namespace }),
      ...(request.export === undefined ? {} : { exportAs: request.export.format }),
      // The engine has no line to wait in.
      status: namespace === undefined ? 'queued' : 'running',
      attempt,
      submittedAt: Date.now(),
      timeoutMs: request.timeoutSeconds === undefined ? timeoutMs : Math.round(request.timeoutSeconds * 1000),
      maxRows: request.maxRows ?? DEFAULT_MAX_ROWS,
    };
  }
}

/** What could not be recorded ends as it was known. */
function endAfter(execution: QueryExecution, watched: WatchedQuery, record: QueryRecord): void {
  void execution.over
    .then(() => execution.standing())
    .then(
      (query) => watched.end(query.record),
      () => watched.end(record),
    );
}

/** Rejects with the refusal of a statement that is not worth a record: it is known within this turn. */
async function refusedAtOnce(accepted: Promise<unknown>): Promise<void> {
  await Promise.race([accepted, new Promise((resolve) => setImmediate(resolve))]);
}

function notRecorded(cause: unknown): never {
  const detail = 'The query could not be recorded. It was asked to stop, but it may have run.';
  throw new ProblemError('store_unavailable', detail, { cause });
}

function keyOf({ tenantId, userId }: Principal, id: string): string {
  return `${tenantId}/${userId}/${id}`;
}

function optional(execution: QueryExecution | undefined): { readonly execution?: QueryExecution } {
  return execution === undefined ? {} : { execution };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name} ${'code' in error ? String(error.code) : ''}`.trim() : 'unknown';
}
