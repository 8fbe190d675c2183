import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openBench } from '../warehouse-bench.fixture.ts';
import type { Bench, Process } from '../warehouse-bench.fixture.ts';

let bench: Bench;
let process: Process;

beforeAll(async () => {
  bench = await openBench({ limits: { resultPageRows: 100 } });
  process = bench.process();
});

afterAll(() => bench.stop());

const execute = (sql: string, parameters = {}) =>
  process.warehouse.execute({ tenantId: 'reader', target: bench.target('reader'), sql, parameters });

describe('rows', () => {
  it('are exact', async () => {
    const statement = await execute(
      `select 9223372036854775807::bigint as big, 9007199254740993::bigint as odd, 1::bigint as small,
              12345678901234567890.123456789::numeric(30,9) as exact, 1.5::float8 as real, 'NaN'::float8 as nan,
              true as yes, null::int as nothing, 'ä''"' as text, date '2026-11-21' as day`,
    );
    await statement.wait();
    const { columns, rows } = await statement.page();
    expect(rows).toEqual([
      [
        9223372036854775807n,
        9007199254740993n,
        1n,
        '12345678901234567890.123456789',
        1.5,
        Number.NaN,
        true,
        null,
        'ä\'"',
        '2026-11-21',
      ],
    ]);
    expect(columns.map(({ name, type }) => `${name} ${type}`).slice(0, 4)).toEqual([
      'big int8',
      'odd int8',
      'small int8',
      'exact numeric',
    ]);
  });

  it('come a page at a time, and only as far as they are read', async () => {
    const statement = await execute('select g from generate_series(1, 1000) g');
    await statement.wait();
    const before = bench.local.stats().operations.GetStatementResult;
    const read: unknown[] = [];
    for await (const [n] of statement.rows()) {
      read.push(n);
      if (read.length === 150) break;
    }
    expect(read.at(-1)).toBe(150);
    expect(bench.local.stats().operations.GetStatementResult - before).toBe(2);
    let all = 0;
    for await (const _ of statement.rows()) all += 1;
    expect(all).toBe(1000);
  });

  it('are none for a statement without a result set', async () => {
    const statement = await execute('create table if not exists reader_made (a int)');
    const rows = [];
    for await (const row of statement.rows()) rows.push(row);
    expect(rows).toEqual([]);
    await expect(statement.page()).rejects.toMatchObject({ code: 'no_result' });
  });

  it('take parameters as values, never as SQL', async () => {
    const statement = await execute('select :a as a, :n::int + 1 as n', { a: "x'; drop table t --", n: 41 });
    await statement.wait();
    expect((await statement.page()).rows).toEqual([["x'; drop table t --", 42]]);
  });
});

describe('a cursor', () => {
  it('is of its statement only', async () => {
    const one = await execute('select g from generate_series(1, 300) g');
    const other = await execute('select g from generate_series(1, 300) g');
    await Promise.all([one.wait(), other.wait()]);
    const { cursor } = await one.page();
    expect((await one.page(cursor)).rows[0]).toEqual([101]);
    await expect(other.page(cursor)).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  it.each(['nonsense', '', 'bnVsbA', Buffer.from('["x"]').toString('base64url')])('%j is none', async (cursor) => {
    const statement = await execute('select 1');
    await statement.wait();
    await expect(statement.page(cursor)).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});
