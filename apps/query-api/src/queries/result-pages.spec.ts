import { describe, expect, it } from '@jest/globals';
import { WarehouseError } from '@mooring/redshift-sessions';
import type { Rows, Statement } from '@mooring/redshift-sessions';
import { readSlice } from './result-pages.ts';

/** A result of `count` rows in warehouse pages of `size`. */
function resultOf(count: number, size: number): { statement: Statement; pagesRead: () => number } {
  let read = 0;
  const page = (cursor?: string): Promise<Rows> => {
    read += 1;
    const start = cursor === undefined ? 0 : Number(cursor);
    if (!Number.isInteger(start)) return Promise.reject(new WarehouseError({ code: 'invalid_cursor', message: 'x' }));
    const rows = Array.from({ length: Math.min(size, count - start) }, (_, index) => [start + index]);
    const next = start + size < count ? { cursor: String(start + size) } : {};
    return Promise.resolve({ columns: [], rows, totalRows: count, ...next });
  };
  return { statement: { page } as unknown as Statement, pagesRead: () => read };
}

async function readAll(count: number, size: number, limit: number): Promise<unknown[]> {
  const { statement } = resultOf(count, size);
  const rows: unknown[] = [];
  let cursor: string | undefined;
  do {
    const slice = await readSlice(statement, 'q1', limit, cursor);
    expect(slice.rows.length).toBeLessThanOrEqual(limit);
    expect(slice.totalRows).toBe(count);
    rows.push(...slice.rows.map(([cell]) => cell));
    cursor = slice.nextCursor;
  } while (cursor !== undefined);
  return rows;
}

describe('readSlice', () => {
  it.each([
    [0, 3, 2],
    [1, 3, 2],
    [10, 3, 2],
    [10, 3, 3],
    [10, 3, 4],
    [10, 3, 100],
    [9, 3, 9],
    [9, 3, 1],
  ])('gives each of %p rows once, over pages of %p, %p at a time', async (count, size, limit) => {
    expect(await readAll(count, size, limit)).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  it('reads no page that it does not need', async () => {
    const { statement, pagesRead } = resultOf(100, 10);
    const slice = await readSlice(statement, 'q1', 10);
    expect([slice.rows.length, pagesRead()]).toEqual([10, 1]);
  });

  it('can show no rows at all', async () => {
    const slice = await readSlice(resultOf(3, 3).statement, 'q1', 0);
    expect(slice).toMatchObject({ rows: [], totalRows: 3, nextCursor: expect.any(String) });
  });

  it.each([
    '',
    'x',
    'W10',
    Buffer.from('["q2",null,0]').toString('base64url'),
    Buffer.from('["q1",null,-1]').toString('base64url'),
    Buffer.from('["q1",null,99]').toString('base64url'),
    Buffer.from('["q1",1,0]').toString('base64url'),
  ])('refuses the cursor %p', async (cursor) => {
    await expect(readSlice(resultOf(3, 3).statement, 'q1', 1, cursor)).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
  });
});
