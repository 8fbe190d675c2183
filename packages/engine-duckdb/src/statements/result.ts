import { DuckDBMaterializedResult, ResultReturnType } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import { EngineError } from '@mooring/engine';
import type { Column, EngineResult, RowBatch } from '@mooring/engine';
import { batchReader } from '../values/batch.ts';
import type { ChunkBatch } from '../values/batch.ts';
import { typeName } from '../values/type-names.ts';
import type { CallRequest, ConnectionCalls } from './calls.ts';

export interface ResultParts {
  readonly native: DuckDBConnection;
  readonly calls: ConnectionCalls;
  readonly request: CallRequest;
  readonly source: DuckDBResult;
  readonly rowsAffected: number | null;
  readonly isInTransaction: boolean;
  readonly onChunk: () => void;
  /** All of its rows were read; not told of one that failed or was left. */
  readonly onDrained: () => void;
  readonly onEnd: () => void;
}

/** Of statements that give no rows. */
export function emptyResult(rowsAffected: number | null): EngineResult {
  return {
    columns: [],
    rowsAffected,
    async *batches() {},
    close: () => Promise.resolve(),
  };
}

/**
 * Rows as DuckDB makes them: while the consumer reads a batch, the chunk of the next is fetched, and none beyond that. In a
 * transaction not even that one, since leaving a call that runs would end the transaction.
 */
export class DuckdbResult implements EngineResult {
  readonly columns: readonly Column[];
  readonly rowsAffected: number | null;
  readonly #parts: ResultParts;
  readonly #read: ReturnType<typeof batchReader>;
  #fetching: Promise<unknown> = Promise.resolve();
  #ahead: Promise<DuckDBDataChunk | null> | undefined;
  /** All rows, where they are there and fit into one chunk. */
  readonly #whole: DuckDBMaterializedResult | undefined;
  #closing: Promise<void> | undefined;
  #last: ChunkBatch | undefined;
  #isTaken = false;
  #isDrained = false;
  #rowCount = 0;

  constructor(parts: ResultParts) {
    const types = parts.source.columnTypes();
    this.columns = parts.source.columnNames().map((name, index) => ({ name, type: typeName(types[index]!) }));
    this.rowsAffected = parts.rowsAffected;
    this.#parts = parts;
    this.#read = batchReader(types);
    const { source } = parts;
    if (source instanceof DuckDBMaterializedResult && source.chunkCount <= 1) this.#whole = source;
    parts.request.stop.onStop(() => void this.#finish());
  }

  async *batches(): AsyncIterable<RowBatch> {
    if (this.#isTaken) {
      throw new EngineError({ code: 'invalid_argument', message: 'The batches of a result can be consumed once.' });
    }
    this.#isTaken = true;
    try {
      for (let batch = await this.#next(); batch !== undefined; batch = await this.#next()) yield batch;
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    this.#parts.request.stop.stop('left');
    return this.#finish();
  }

  async #next(): Promise<RowBatch | undefined> {
    const { request, source, onChunk, isInTransaction } = this.#parts;
    this.#last?.end();
    if (this.#isDrained) return undefined;
    request.stop.throwIfStopped();
    const chunk = this.#whole !== undefined ? this.#single(this.#whole) : await (this.#ahead ?? this.#fetch());
    this.#ahead = undefined;
    request.stop.throwIfStopped();
    if (chunk === null || chunk.rowCount === 0) {
      this.#isDrained = true;
      if (source.returnType === ResultReturnType.INVALID) throw failedMidway(this.#rowCount);
      this.#parts.onDrained();
      await this.#finish();
      return undefined;
    }
    onChunk();
    this.#rowCount += chunk.rowCount;
    this.#last = this.#read(chunk);
    if (source.isStreaming && !isInTransaction) this.#ahead = this.#fetch();
    return this.#last;
  }

  /** A chunk that is there already is taken without a call, which would go to another thread and back. */
  #single(whole: DuckDBMaterializedResult): DuckDBDataChunk | null {
    return this.#rowCount > 0 || whole.chunkCount === 0 ? null : whole.getChunk(0);
  }

  #fetch(): Promise<DuckDBDataChunk | null> {
    const { calls, request, source } = this.#parts;
    const fetching = calls.call(request, () => source.fetchChunk());
    this.#fetching = fetching.catch(() => undefined);
    return fetching;
  }

  #finish(): Promise<void> {
    this.#closing ??= this.#end().finally(this.#parts.onEnd);
    return this.#closing;
  }

  /**
   * A stream that is not at its end keeps its database open, beyond `close` of the instance. An interruption frees it, but
   * ends an open transaction too. Where that is to go on, the next statement that the connection prepares ends the stream,
   * and the garbage collector frees it.
   */
  async #end(): Promise<void> {
    this.#last?.end();
    await this.#fetching;
    const { native, source, request, isInTransaction } = this.#parts;
    if (this.#isDrained || !source.isStreaming) return;
    try {
      if (isInTransaction && request.stop.reason === 'left') {
        const next = await native.prepare('SELECT 1');
        next.destroySync();
      } else native.interrupt();
      await source.fetchChunk();
    } catch {
      return;
    }
  }
}

/** The driver gives an empty chunk when a stream fails, as at its end, and keeps the reason to itself. */
function failedMidway(rowCount: number): EngineError {
  return new EngineError({
    code: 'execution_failed',
    message:
      `The statement failed after ${rowCount} rows: a value of a later row did not fit, or memory ran out. ` +
      'What came is not complete.',
    facts: { engine: 'duckdb', rowCount },
  });
}
