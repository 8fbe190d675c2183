import { DuckDBMaterializedResult, ResultReturnType, StatementType } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { EngineError } from '@mooring/engine';
import type { EngineConnection, EngineRequest, EngineResult } from '@mooring/engine';
import type { Clock } from '@mooring/session-store';
import { closedError, isFatal } from '../errors.ts';
import type { Lease } from '../instances/instance-pool.ts';
import { bindParameters } from '../values/parameters.ts';
import { ConnectionCalls, busyError } from './calls.ts';
import type { CallRequest } from './calls.ts';
import { requireRunnable, requireRunnableType, transactionStep } from './guard.ts';
import { fitsIntoChunk, isOneQuery } from './most-rows.ts';
import { DuckdbResult, emptyResult } from './result.ts';
import { ofSession } from './settings.ts';
import { Stop } from './stop.ts';
import { leavesNoTrace } from './traces.ts';
import type { Turns } from './turns.ts';

const CHANGES = new Set([StatementType.INSERT, StatementType.UPDATE, StatementType.DELETE, StatementType.MERGE_INTO]);

export interface ConnectionParts {
  readonly native: DuckDBConnection;
  readonly lease: Lease;
  readonly namespace: string;
  readonly tenantId: string;
  readonly readOnly: boolean;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly onChunk: () => void;
  readonly onClose: (connection: DuckdbConnection) => void;
}

interface Running {
  readonly stop: Stop;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

interface QueryRun {
  /** A query gives rows while it runs; what changes something runs to its end before its rows are shown, in any case. */
  readonly isStreamed: boolean;
  readonly isOneQuery: boolean;
  readonly onDrained: (type: StatementType) => void;
}

interface QuerySource {
  readonly source: DuckDBResult;
  readonly type: StatementType;
}

export class DuckdbConnection implements EngineConnection {
  readonly #parts: ConnectionParts;
  readonly #calls: ConnectionCalls;
  #running: Running | undefined;
  #closing: Promise<void> | undefined;
  #isInTransaction = false;
  /** Nothing that ran on it left anything behind. */
  #isClean = true;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#calls = new ConnectionCalls(parts);
  }

  async run(request: EngineRequest): Promise<EngineResult> {
    if (this.#closing !== undefined) throw closedError();
    if (this.#running !== undefined) throw busyError();
    const { sql, timeoutMs, signal, onProgress } = request;
    const tokens = requireRunnable(sql, this.#parts.readOnly);
    const wasClean = this.#isClean;
    this.#isClean = false;
    const running = this.#begin(new Stop({ clock: this.#parts.clock, timeoutMs, signal }));
    try {
      const step = transactionStep(tokens);
      // DuckDB calls a COMMIT interrupted that it has made all the same.
      const isWhole = step !== undefined;
      const call = { stop: running.stop, sql: ofSession(sql, tokens), isWhole, onProgress };
      if (step === 'commit') await this.#requireSound(call);
      const result = await this.#start(request, call, running, {
        isStreamed: !fitsIntoChunk(sql, tokens),
        isOneQuery: isOneQuery(sql, tokens),
        onDrained: (type) => void (this.#isClean = wasClean && leavesNoTrace(type, tokens)),
      });
      if (step !== undefined) this.#isInTransaction = step === 'begin';
      return result;
    } catch (error) {
      if (isFatal(error)) this.#parts.lease.discard();
      running.end();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #begin(stop: Stop): Running {
    let resolve = (): void => {};
    const ended = new Promise<void>((done) => (resolve = done));
    const end = (): void => {
      stop.end();
      this.#running = undefined;
      resolve();
    };
    this.#running = { stop, ended, end };
    return this.#running;
  }

  async #start(
    request: EngineRequest,
    call: CallRequest,
    running: Running,
    { isStreamed, isOneQuery, onDrained }: QueryRun,
  ): Promise<EngineResult> {
    const { native } = this.#parts;
    const isSmall = isOneQuery && !isStreamed && request.parameters.length === 0;
    const { source, type } = await (isSmall ? this.#query(call) : this.#prepareAndRun(call, request, isStreamed));
    const rowsAffected = CHANGES.has(type) ? rowsAffectedOf(source) : null;
    if (source.returnType !== ResultReturnType.QUERY_RESULT) {
      running.end();
      return emptyResult(rowsAffected);
    }
    return new DuckdbResult({
      native,
      calls: this.#calls,
      request: call,
      source,
      rowsAffected,
      isInTransaction: this.#isInTransaction,
      onChunk: this.#parts.onChunk,
      onDrained: () => onDrained(type),
      onEnd: running.end,
    });
  }

  /** In one call, without a second look at what kind of statement it is. */
  async #query(call: CallRequest): Promise<QuerySource> {
    const source = await this.#calls.call(call, () => {
      call.stop.begin();
      return this.#parts.native.run(call.sql);
    });
    return { source, type: StatementType.SELECT };
  }

  async #prepareAndRun(call: CallRequest, { parameters }: EngineRequest, isStreamed: boolean): Promise<QuerySource> {
    const prepared = await this.#calls.call(call, () => this.#parts.native.prepare(call.sql));
    try {
      const type = prepared.statementType;
      requireRunnableType(type);
      bindParameters(prepared, parameters);
      const source = await this.#calls.call(call, () => {
        call.stop.begin();
        return isStreamed && type === StatementType.SELECT ? prepared.stream() : prepared.run();
      });
      return { source, type };
    } finally {
      prepared.destroySync();
    }
  }

  /** DuckDB answers COMMIT of a transaction in which a statement failed as if it had been one, and rolls it back. */
  async #requireSound(call: CallRequest): Promise<void> {
    const { native } = this.#parts;
    try {
      await this.#calls.call(call, () => native.run('SELECT 1'));
    } catch (error) {
      await this.#calls.call(call, () => native.run('ROLLBACK'));
      this.#isInTransaction = false;
      throw error instanceof EngineError && error.code === 'conflict' ? rolledBack() : error;
    }
  }

  async #end(): Promise<void> {
    const { native, lease, namespace, onClose } = this.#parts;
    this.#running?.stop.stop('closed');
    await this.#running?.ended;
    if (this.#isClean) lease.instance.keep(namespace, native);
    else native.closeSync();
    lease.release();
    onClose(this);
  }
}

function rolledBack(): EngineError {
  return new EngineError({
    code: 'conflict',
    message: 'A statement of the transaction had failed, so all of it was rolled back.',
    facts: { engine: 'duckdb' },
  });
}

function rowsAffectedOf(source: DuckDBResult): number {
  if (source.returnType === ResultReturnType.QUERY_RESULT && source instanceof DuckDBMaterializedResult) {
    return source.rowCount;
  }
  return source.rowsChanged;
}
