import { describe, expect, it } from '@jest/globals';
import type { RowBatch, StatementStream } from '@mooring/engine';
import type { Part, ResultFormat } from './formats/result-format.ts';
import { streamedParts } from './streamed-result.ts';

const ROWS = 10_000;
/** A warehouse gives pages of any size. */
const page = (from: number): RowBatch => ({
  rowCount: ROWS,
  values: [Array.from({ length: ROWS }, (_, row) => from + row)],
});

function statement(batches: readonly RowBatch[]): StatementStream {
  return {
    columns: [{ name: 'n', type: 'INTEGER' }],
    rowsAffected: null,
    async *batches() {
      yield* batches;
    },
    close: () => Promise.resolve(),
  } as Partial<StatementStream> as StatementStream;
}

/** Says of each batch that it is given how many rows it has, and how often others had their turn before it. */
function watched(parts: (batch: RowBatch) => Part | Iterable<Part>) {
  const seen: { readonly rows: readonly unknown[]; readonly turns: number }[] = [];
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn).unref();
  };
  setImmediate(turn).unref();
  const format: ResultFormat<Part | Iterable<Part>> = {
    contentType: 'text/plain',
    encoder: () => ({
      begin: () => '',
      rows: (batch) => {
        seen.push({ rows: batch.values[0] ?? [], turns });
        return parts(batch);
      },
      end: () => {
        isOver = true;
        return '';
      },
    }),
  };
  return { format, seen, turnsSoFar: () => turns };
}

describe('a streamed result', () => {
  it.each([2 * ROWS, ROWS + 1234, 100])(
    'of %i rows is encoded in slices, between which others have their turn',
    async (most) => {
      const { format, seen } = watched(() => 'x');
      let given = 0;
      const ended = async (rows: number): Promise<void> => void (given = rows);
      for await (const part of await streamedParts(statement([page(0), page(ROWS)]), format, most, ended)) void part;
      expect(given).toBe(most);
      expect(seen.flatMap(({ rows }) => rows)).toEqual(Array.from({ length: most }, (_, row) => row));
      expect(Math.max(...seen.map(({ rows }) => rows.length))).toBeLessThanOrEqual(2048);
      const pages = seen.map(({ rows }) => Math.floor(Number(rows[0]) / ROWS));
      const waited = seen.filter(
        ({ turns }, index) => pages[index - 1] !== pages[index] || turns > seen[index - 1]!.turns,
      );
      expect(waited).toHaveLength(seen.length);
    },
  );

  it('gives what a format makes in pieces one by one, with a turn of others after each', async () => {
    const turnsAtPart: number[] = [];
    const { format, turnsSoFar } = watched(function* () {
      for (const part of ['a', 'b', 'c']) {
        turnsAtPart.push(turnsSoFar());
        yield part;
      }
    });
    const parts: Part[] = [];
    const end = (): Promise<void> => Promise.resolve();
    for await (const part of await streamedParts(statement([page(0)]), format, 1, end)) parts.push(part);
    expect(parts).toEqual(['', 'a', 'b', 'c', '']);
    const [first = 0, second = 0, third = 0] = turnsAtPart;
    expect([second > first, third > second]).toEqual([true, true]);
  });
});
