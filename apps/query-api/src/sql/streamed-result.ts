import { setImmediate as othersTurn } from 'node:timers/promises';
import type { RowBatch, StatementStream } from '@mooring/engine';
import type { Part, ResultFormat } from './formats/result-format.ts';

/** What is encoded at once, while everybody else waits: an engine's batch may be a page of a warehouse, of any size. */
const SLICE_ROWS = 2048;

/**
 * The statement's rows in a format, up to `maxRows`. The first of them are there when this resolves, so that what fails
 * at once is a problem and no answer that is cut off. A batch is asked of the engine when the reader asks for a part: one
 * batch is in memory at most. `ended` is told once how many rows were given, however it ends.
 */
export async function streamedParts(
  statement: StatementStream,
  format: ResultFormat<Part | Iterable<Part>>,
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
  format: ResultFormat<Part | Iterable<Part>>,
  maxRows: number,
  ended: (rows: number) => Promise<void>,
): AsyncGenerator<Part> {
  let rows = 0;
  try {
    const encoder = format.encoder(statement.columns);
    yield encoder.begin();
    if (maxRows > 0) {
      for await (const batch of statement.batches()) {
        const most = Math.min(batch.rowCount, maxRows - rows);
        for (let from = 0; from < most; from += SLICE_ROWS) {
          if (from > 0) await othersTurn();
          const slice = rowsOf(batch, from, Math.min(most, from + SLICE_ROWS));
          rows += slice.rowCount;
          yield* turns(encoder.rows(slice));
        }
        if (rows === maxRows) break;
      }
    }
    yield* turns(encoder.end());
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

/** One after the other, and between them whatever else waits. */
async function* turns(made: Part | Iterable<Part>): AsyncGenerator<Part> {
  if (typeof made === 'string' || made instanceof Uint8Array) {
    yield made;
    return;
  }
  for (const part of made) {
    yield part;
    await othersTurn();
  }
}

function rowsOf(batch: RowBatch, from: number, to: number): RowBatch {
  if (from === 0 && to === batch.rowCount) return batch;
  return { rowCount: to - from, values: batch.values.map((column) => column.slice(from, to)) };
}
