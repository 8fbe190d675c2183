import type { Column, EngineResult, RowBatch } from '@mooring/engine';
import type { Rows } from '@mooring/redshift-sessions';
import { failure, translate } from '../errors.ts';
import { columnOf, valueReader } from '../values/columns.ts';
import type { ValueReader } from '../values/columns.ts';
import type { Stop } from './stop.ts';

export interface ResultParts {
  readonly first: Rows;
  readonly page: (cursor: string) => Promise<Rows>;
  readonly rowsAffected: number | null;
  readonly stop: Stop;
  readonly onEnd: () => void;
}

/** Of statements that give no rows. */
export function emptyResult(rowsAffected: number | null): EngineResult {
  return { columns: [], rowsAffected, async *batches() {}, close: () => Promise.resolve() };
}

/** Rows as the warehouse keeps them: a page is asked for when the consumer asks for a batch, never ahead of it. */
export class RedshiftResult implements EngineResult {
  readonly columns: readonly Column[];
  readonly rowsAffected: number | null;
  readonly #parts: ResultParts;
  readonly #readers: readonly ValueReader[];
  #isTaken = false;

  constructor(parts: ResultParts) {
    const { columns } = parts.first;
    this.columns = columns.map(columnOf);
    this.rowsAffected = parts.rowsAffected;
    this.#readers = columns.map(valueReader);
    this.#parts = parts;
    parts.stop.signal.addEventListener('abort', parts.onEnd, { once: true });
  }

  async *batches(): AsyncIterable<RowBatch> {
    if (this.#isTaken) {
      throw failure({ code: 'invalid_argument', message: 'The batches of a result can be consumed once.' });
    }
    this.#isTaken = true;
    const { first, stop } = this.#parts;
    try {
      for (let page: Rows | undefined = first; page !== undefined; page = await this.#after(page)) {
        stop.throwIfStopped();
        if (page.rows.length > 0) yield this.#batchOf(page);
      }
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    this.#parts.stop.stop('closed');
    this.#parts.onEnd();
    return Promise.resolve();
  }

  async #after({ cursor }: Rows): Promise<Rows | undefined> {
    if (cursor === undefined) return undefined;
    this.#parts.stop.throwIfStopped();
    try {
      return await this.#parts.page(cursor);
    } catch (error) {
      throw translate(error);
    }
  }

  #batchOf({ rows }: Rows): RowBatch {
    const values = this.#readers.map((read, column) => rows.map((row) => read(row[column] ?? null)));
    return { rowCount: rows.length, values };
  }
}
