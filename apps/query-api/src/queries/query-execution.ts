import { WarehouseError } from '@mooring/redshift-sessions';
import type { RunningStatement, StatementState, WarehouseErrorCode } from '@mooring/redshift-sessions';
import type { Principal } from '../api-tokens.ts';
import { problems } from '../problems.ts';
import { failureOf, isOver } from './query-record.ts';
import type { QueryRecord } from './query-record.ts';
import type { QueryRecords, StoredQuery } from './query-records.ts';

/** The statement was refused before the warehouse had it. */
const NEVER_RAN: ReadonlySet<WarehouseErrorCode> = new Set([
  'invalid_statement',
  'invalid_parameters',
  'invalid_request',
  'pool_exhausted',
  'warehouse_busy',
  'warehouse_unavailable',
  'access_denied',
  'closed',
]);

export interface ExecutionParts {
  readonly records: QueryRecords;
  readonly now: () => number;
  readonly warn: (message: string, error: unknown) => void;
}

/** One query while this process runs it. What happens to it is written to its record, in order. */
export class QueryExecution {
  /** Why it never got to run. */
  refusal: unknown;
  /** The statement ended, or never started. */
  readonly ended: Promise<void>;
  hasEnded = false;
  /** Its record says so. */
  readonly over: Promise<void>;
  private statement: RunningStatement | undefined;
  private query: StoredQuery | undefined;
  private seen: StatementState | undefined;
  private cancelRequested = false;
  private saving: Promise<void>;
  private readonly created: Promise<void>;

  constructor(
    private readonly parts: ExecutionParts,
    private readonly owner: Principal,
    recorded: Promise<StoredQuery>,
    accepted: Promise<RunningStatement>,
    private readonly cancellation: AbortController,
  ) {
    this.created = recorded.then((query) => {
      this.query = query;
    });
    this.saving = this.created.catch(() => this.cancel());
    const state = this.untilEnd(accepted);
    this.ended = state.then(() => {
      this.hasEnded = true;
    });
    this.over = state.then((final) => this.finish(final));
  }

  /** The query as recorded by now; rejects when it could not be recorded at all. */
  async recorded(): Promise<StoredQuery> {
    await this.created;
    await this.saving;
    return this.query as StoredQuery;
  }

  /** As recorded, or as seen when it ended: its end may still be on its way to the record. */
  async standing(): Promise<StoredQuery> {
    const query = await this.recorded();
    if (isOver(query.record) || this.statement === undefined || this.seen === undefined) return query;
    const record = { ...query.record, ...this.started(this.statement), ...endOf(this.seen, query.record) };
    return { ...query, record };
  }

  /** Waits for the end, up to `timeoutMs` and until the signal aborts. Rejects when the query could not be recorded. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    let enough = (): void => undefined;
    const given = new Promise<void>((resolve) => (enough = resolve));
    const timer = setTimeout(enough, signal.aborted ? 0 : timeoutMs);
    signal.addEventListener('abort', enough);
    try {
      await Promise.race([this.ended, given, this.created.then(() => this.ended)]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', enough);
    }
  }

  cancel(): void {
    this.cancelRequested = true;
    this.cancellation.abort(new Error('the query was cancelled'));
  }

  /** Undefined when it never started, or when nobody could say how it ended. */
  private async untilEnd(accepted: Promise<RunningStatement>): Promise<StatementState | undefined> {
    try {
      this.statement = await accepted;
    } catch (error) {
      this.refusal = error;
      return undefined;
    }
    const statement = this.statement;
    const end = statement.wait();
    const early = await Promise.race([end.catch(() => undefined), nextTurn()]);
    if (early === undefined) {
      this.save((record) => ({ ...record, ...this.started(statement), status: 'running' }));
    }
    return end.then(
      (state) => (this.seen = state),
      (error: unknown) => {
        this.parts.warn('A running statement could not be watched to its end', error);
        return undefined;
      },
    );
  }

  private async finish(seen: StatementState | undefined): Promise<void> {
    const { statement } = this;
    const endedAt = this.parts.now();
    if (statement === undefined) {
      this.save((record) => ({ ...record, ...this.refused(), endedAt }));
    } else if (seen !== undefined) {
      const figures = seen.status === 'finished' ? await statement.describe().catch(() => seen) : seen;
      this.save((record) => ({
        ...record,
        ...this.started(statement),
        ...endOf(figures, record),
        endedAt,
        timings: { ...this.started(statement).timings, ...runTime(figures), totalMs: endedAt - record.submittedAt },
      }));
    }
    await this.saving;
  }

  private started({ id, sessionReused, timings }: RunningStatement): Partial<QueryRecord> {
    return { statementId: id, sessionReused, timings: { queuedMs: timings.queuedMs, submitMs: timings.submitMs } };
  }

  private refused(): Partial<QueryRecord> {
    const { refusal } = this;
    if (this.cancelRequested) return { status: 'cancelled' };
    const known = problems.find(refusal);
    if (known === undefined) this.parts.warn('A query failed unexpectedly before it ran', refusal);
    const { code, detail } = known ?? problems.problem('internal_error');
    const neverRan = refusal instanceof WarehouseError && NEVER_RAN.has(refusal.code);
    return { status: 'failed', failure: failureOf(code, detail), ...(neverRan ? { neverRan } : {}) };
  }

  /** One write after the other. A write that fails is given up: the warehouse knows the statement by its name. */
  private save(change: (record: QueryRecord) => QueryRecord): void {
    this.saving = this.saving
      .then(() => this.write(change))
      .catch((error: unknown) => this.parts.warn('The progress of a query was not recorded', error));
  }

  /** A change by another process is seen here: it may have asked to cancel. */
  private async write(change: (record: QueryRecord) => QueryRecord): Promise<void> {
    const { records } = this.parts;
    let known = this.query;
    while (known !== undefined) {
      const cancelRequested = known.record.cancelRequested === true || this.cancelRequested;
      const next = change(known.record);
      const saved = await records.replace(this.owner, known, cancelRequested ? { ...next, cancelRequested } : next);
      if (saved !== undefined) {
        this.query = saved;
        return;
      }
      known = await records.find(this.owner, known.id);
      if (known?.record.cancelRequested === true) this.cancel();
    }
  }
}

/** What the record says of a statement that ended. */
export function endOf(state: StatementState, record: QueryRecord): Partial<QueryRecord> {
  const result = {
    hasResultSet: state.hasResultSet,
    ...(state.resultRows === undefined ? {} : { resultRows: state.resultRows }),
  };
  if (state.status === 'finished') return { ...result, status: 'finished' };
  if (state.status === 'failed') {
    const message = state.error ?? 'The engine gave no reason.';
    return { status: 'failed', failure: failureOf('statement_failed', message) };
  }
  const timedOut = state.status === 'timed_out' && record.cancelRequested !== true;
  return { status: timedOut ? 'timed_out' : 'cancelled' };
}

export function runTime({ runMs }: StatementState): { readonly runMs?: number } {
  return runMs === undefined ? {} : { runMs };
}

/** A statement that ended with its submission is seen to have ended within this turn. */
function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(resolve, undefined));
}
