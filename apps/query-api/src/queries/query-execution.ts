import { setTimeout as pause } from 'node:timers/promises';
import { ProblemError } from '@mooring/nest-runtime';
import { WarehouseError } from '@mooring/redshift-sessions';
import type { WarehouseErrorCode } from '@mooring/redshift-sessions';
import type { Principal } from '../api-tokens.ts';
import { problems } from '../problems.ts';
import { failureOf, isOver } from './query-record.ts';
import type { QueryRecord } from './query-record.ts';
import type { QueryRecords, StoredQuery } from './query-records.ts';
import { endOf, runTime } from './query-run.ts';
import type { QueryRun, RunEnd } from './query-run.ts';

/** How often a process sees whether it was asked to stop a statement which ends with it, and how often it says that it is at it. */
const BEATS = { everyMs: 1000, aliveEveryMs: 10_000 };

/** How often and how long the end of a query is written again that the store did not take. Then who looks finds it out. */
const WRITE_AGAIN = { everyMs: 2000, times: 300 };

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
  readonly beats?: { readonly everyMs: number; readonly aliveEveryMs: number };
  readonly writeAgain?: { readonly everyMs: number; readonly times: number };
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
  private run: QueryRun | undefined;
  private query: StoredQuery | undefined;
  private seen: RunEnd | undefined;
  private cancelRequested = false;
  private isBeating = false;
  private saidAliveAt: number;
  private saving: Promise<void>;
  private readonly created: Promise<void>;

  constructor(
    private readonly parts: ExecutionParts,
    private readonly owner: Principal,
    recorded: Promise<StoredQuery>,
    accepted: Promise<QueryRun>,
    private readonly cancellation: AbortController,
  ) {
    this.created = recorded.then((query) => {
      this.query = query;
    });
    this.saving = this.created.catch(() => this.cancel());
    this.saidAliveAt = parts.now();
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
    if (isOver(query.record) || this.run === undefined || this.seen === undefined) return query;
    const record = { ...query.record, ...this.run.started, ...endOf(this.seen, query.record) };
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

  /** Ends what can't go on without this process, and waits until it is written down. */
  async endWithProcess(): Promise<void> {
    if (this.run?.endsWithProcess === true) {
      this.cancellation.abort(new Error('the process is shut down'));
      await this.over;
    }
    await this.recorded();
  }

  cancel(): void {
    this.cancelRequested = true;
    this.cancellation.abort(new Error('the query was cancelled'));
  }

  /** Undefined when it never started, or when nobody could say how it ended. */
  private async untilEnd(accepted: Promise<QueryRun>): Promise<RunEnd | undefined> {
    try {
      this.run = await accepted;
    } catch (error) {
      this.refusal = error;
      return undefined;
    }
    const { started } = this.run;
    const end = this.run.wait();
    const beat = this.run.endsWithProcess
      ? setInterval(() => this.beat(), (this.parts.beats ?? BEATS).everyMs).unref()
      : undefined;
    const early = await Promise.race([end.catch(() => undefined), nextTurn()]);
    if (early === undefined && !this.run.endsWithProcess) {
      void this.save((record) => ({ ...record, ...started, status: 'running' }));
    }
    try {
      this.seen = await end;
      this.refusal = this.seen.refusal;
      return this.seen;
    } catch (error) {
      this.parts.warn('A running statement could not be watched to its end', error);
      return undefined;
    } finally {
      clearInterval(beat);
    }
  }

  private beat(): void {
    if (this.isBeating) return;
    this.isBeating = true;
    const now = this.parts.now();
    const isDue = now - this.saidAliveAt >= (this.parts.beats ?? BEATS).aliveEveryMs;
    const beaten = this.inOrder(() => (isDue ? this.write((record) => ({ ...record, aliveAt: now })) : this.look()));
    void beaten.then((done) => {
      if (isDue && done) this.saidAliveAt = now;
      this.isBeating = false;
    });
  }

  private async finish(seen: RunEnd | undefined): Promise<void> {
    const { run } = this;
    const endedAt = this.parts.now();
    if (run === undefined) {
      await this.saveEnd((record) => ({ ...record, ...this.refused(), endedAt }));
    } else if (seen !== undefined) {
      const figures = seen.said.status === 'finished' ? await run.describe().catch(() => seen) : seen;
      await this.saveEnd((record) => ({
        ...record,
        ...run.started,
        ...endOf(figures, record),
        endedAt,
        timings: { ...run.started.timings, ...runTime(figures), totalMs: endedAt - record.submittedAt },
      }));
    } else {
      await this.saving;
    }
  }

  /** What a client was told must not be forgotten: an end that the store did not take is written again, and not waited for. */
  private async saveEnd(change: (record: QueryRecord) => QueryRecord): Promise<void> {
    if (!(await this.save(change))) void this.saveAgain(change);
  }

  private async saveAgain(change: (record: QueryRecord) => QueryRecord): Promise<void> {
    const { everyMs, times } = this.parts.writeAgain ?? WRITE_AGAIN;
    for (let tries = 0; tries < times; tries += 1) {
      await pause(everyMs, undefined, { ref: false });
      try {
        return await this.write(change);
      } catch {
        // Said when it failed first.
      }
    }
  }

  private refused(): Partial<QueryRecord> {
    const { refusal } = this;
    if (this.cancelRequested) return { status: 'cancelled' };
    const known = problems.find(refusal);
    if (known === undefined) this.parts.warn('A query failed unexpectedly before it ran', refusal);
    const { code, detail } = known ?? problems.problem('internal_error');
    const neverRan = refusal instanceof WarehouseError ? NEVER_RAN.has(refusal.code) : refusal instanceof ProblemError;
    return { status: 'failed', failure: failureOf(code, detail), ...(neverRan ? { neverRan } : {}) };
  }

  private save(change: (record: QueryRecord) => QueryRecord): Promise<boolean> {
    return this.inOrder(() => this.write(change));
  }

  /** One write after the other. A write that fails is given up: the next one has what it said. */
  private inOrder(work: () => Promise<void>): Promise<boolean> {
    const saved = this.saving.then(work).then(
      () => true,
      (error: unknown) => {
        this.parts.warn('The progress of a query was not recorded', error);
        return false;
      },
    );
    this.saving = saved.then(() => undefined);
    return saved;
  }

  /** Without a write: whether another process asked to cancel. */
  private async look(): Promise<void> {
    if (this.query === undefined) return;
    const found = await this.parts.records.find(this.owner, this.query.id);
    if (found === undefined || found.record.attempt !== this.query.record.attempt) return;
    this.query = found;
    if (found.record.cancelRequested === true) this.cancel();
  }

  /** A change by another process is seen here: it may have asked to cancel. */
  private async write(change: (record: QueryRecord) => QueryRecord): Promise<void> {
    const { records } = this.parts;
    let known = this.query;
    const attempt = known?.record.attempt;
    // A later attempt with the same key has taken the record over.
    while (known !== undefined && known.record.attempt === attempt) {
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

/** A statement that ended with its submission is seen to have ended within this turn. */
function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(resolve, undefined));
}
