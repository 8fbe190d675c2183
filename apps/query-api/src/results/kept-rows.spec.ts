import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Value } from '@mooring/engine';
import { keptRows, readKeptRows } from './kept-rows.ts';

const LONG = 'ü'.repeat(100_000);
const COLUMNS = [
  { name: 'n', type: 'BIGINT' },
  { name: 'v', type: 'VARCHAR' },
];
const ROWS: readonly (readonly Value[])[] = [
  [1n, 'a\nb'],
  [9007199254740993n, LONG],
  [null, ''],
  [4n, [1n, { a: 1.5 }]],
];

let folder: string;
let file: FileHandle;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-kept-'));
  const encoder = keptRows.encoder(COLUMNS);
  const values = COLUMNS.map((_, column) => ROWS.map((row) => row[column] ?? null));
  await writeFile(
    join(folder, 'rows'),
    [encoder.begin(), encoder.rows({ rowCount: ROWS.length, values }), encoder.end()].join(''),
  );
  file = await open(join(folder, 'rows'));
});
afterAll(async () => {
  await file.close();
  await rm(folder, { recursive: true });
});

describe('kept rows', () => {
  it('are read from any row on, whatever is in them', async () => {
    const read: unknown[] = [];
    let place: number | undefined;
    do {
      const page = await readKeptRows(file, 1, place);
      expect(page.columns).toEqual(COLUMNS);
      expect(page.rows).toHaveLength(1);
      read.push(...page.rows);
      place = page.next;
    } while (place !== undefined);
    expect(read).toEqual([
      [1, 'a\nb'],
      ['9007199254740993', LONG],
      [null, ''],
      [4, [1, { a: 1.5 }]],
    ]);
    expect((await readKeptRows(file, 100)).rows).toEqual(read);
  });

  it('have their columns where no rows are asked for', async () => {
    const { columns, rows, next } = await readKeptRows(file, 0);
    expect([columns, rows]).toEqual([COLUMNS, []]);
    expect((await readKeptRows(file, 1, next)).rows).toEqual([[1, 'a\nb']]);
  });

  it.each([-1, 0, 5, 1e12, Number.MAX_SAFE_INTEGER])('do not begin at %d', async (place) => {
    await expect(readKeptRows(file, 1, place)).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});
