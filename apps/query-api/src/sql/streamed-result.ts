import type { RowBatch, StatementStream } from '@mooring/engine';
import type { ResultFormat } from './formats/result-format.ts';

export type Part = Uint8Array | string;

/**
 * The statement's rows in a format, up to `maxRows`. The first of them are there when this resolves, so that what fails
 * at once is a problem and no answer that is cut off. A batch is asked of the engine when the reader asks for a part: one
 * batch is in memory at most. `ended` is told once how many rows were given, however it ends.
 */
export async function streamedParts(
  statement: StatementStream,
  format: ResultFormat,
  maxRows: number,
  ended: (rows: number) => Promise<void>,
): Promise<AsyncIterableIterator<Part>> {
  const rest = encoded(statement, format, maxRows, ended);
  const first: Part[] = [];
  while (first.length < 2) {
    const next = await rest.next();
    if (next.done === true) break;
    first.push(next.value);
  }
  return new BegunParts(first, rest);
}

async function* encoded(
  statement: StatementStream,
  format: ResultFormat,
  maxRows: number,
  ended: (rows: number) => Promise<void>,
): AsyncGenerator<Part> {
  let rows = 0;
  try {
    const encoder = format.encoder(statement.columns);
    yield encoder.begin();
    if (maxRows > 0) {
      for await (const batch of statement.batches()) {
        const kept = firstRows(batch, maxRows - rows);
        rows += kept.rowCount;
        yield encoder.rows(kept);
        if (rows === maxRows) break;
      }
    }
    yield encoder.end();
  } finally {
    try {
      await statement.close();
    } finally {
      await ended(rows);
    }
  }
}

/** Not a generator: one that was not begun is given up without its `finally`. */
class BegunParts implements AsyncIterableIterator<Part> {
  constructor(
    private readonly first: Part[],
    private readonly rest: AsyncGenerator<Part>,
  ) {}

  async next(): Promise<IteratorResult<Part>> {
    const value = this.first.shift();
    return value === undefined ? this.rest.next() : { done: false, value };
  }

  return(): Promise<IteratorResult<Part>> {
    return this.rest.return(undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function firstRows(batch: RowBatch, most: number): RowBatch {
  if (batch.rowCount <= most) return batch;
  return { rowCount: most, values: batch.values.map((column) => column.slice(0, most)) };
}
