import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import type { EngineConnection, RowBatch } from '@mooring/engine';
import { EngineWorld, answer, failureOf, requestOf, rowsOf } from '../engine.fixture.ts';
import type { DuckdbEngine } from '../index.ts';

const world = new EngineWorld();
let engine: DuckdbEngine;
let connection: EngineConnection;

beforeAll(async () => {
  engine = await world.engine({ memoryMb: 64, spillMb: 0 });
  connection = await world.connection(engine);
});
afterAll(() => world.close());

describe('a result', () => {
  it('of a million rows, larger than the memory, comes chunk by chunk', async () => {
    const before = engine.stats().chunks;
    const result = await connection.run(requestOf("SELECT range, repeat('x', 100) FROM range(1000000)"));
    expect(engine.stats().chunks).toBe(before);
    let rows = 0;
    let batches = 0;
    for await (const { rowCount, values } of result.batches()) {
      expect(values[0]![0]).toBe(BigInt(rows));
      rows += rowCount;
      batches += 1;
      expect(rowCount).toBeLessThanOrEqual(2048);
      // Turns of the event loop in which an eager reader would have gone on.
      if (batches % 100 === 0) for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      expect(engine.stats().chunks - before).toBe(batches);
    }
    expect(rows).toBe(1_000_000);
  });

  it.each([
    ['is fetched one chunk ahead of its reader, and no further', [] as string[], [2, 3]],
    ['is fetched as it is asked for in a transaction', ['BEGIN'], [1, 2]],
  ])('%s', async (_, before, expected) => {
    const own = await world.connection(engine);
    for (const sql of before) await answer(own, sql);
    const fetchChunk = jest.spyOn(DuckDBResult.prototype, 'fetchChunk');
    try {
      const batches = (await own.run(requestOf('SELECT * FROM range(100000)'))).batches()[Symbol.asyncIterator]();
      const counts: number[] = [];
      for (let batch = 0; batch < expected.length; batch += 1) {
        const { value } = await batches.next();
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
        counts.push(fetchChunk.mock.calls.length);
        expect((value as RowBatch).values[0]?.[0]).toBe(BigInt(batch * 2048));
      }
      expect(counts).toEqual(expected);
      await batches.return?.();
    } finally {
      fetchChunk.mockRestore();
      await own.close();
    }
  });

  it.each([
    ['SELECT 1', 1, 0],
    ['SELECT * FROM range(5000) LIMIT 2048', 2048, 0],
    ['SELECT * FROM range(5000) LIMIT 0', 0, 0],
    ["SELECT ';' LIMIT 1", 1, 1],
    ['FROM range(5000) LIMIT 1', 1, 1],
  ])('of %s comes with its run, without further calls', async (sql, rows, prepared) => {
    const own = await world.connection(engine);
    const fetchChunk = jest.spyOn(DuckDBResult.prototype, 'fetchChunk');
    const prepare = jest.spyOn(DuckDBConnection.prototype, 'prepare');
    try {
      expect((await answer(own, sql)).rows).toHaveLength(rows);
      expect(fetchChunk).not.toHaveBeenCalled();
      expect(prepare).toHaveBeenCalledTimes(prepared);
    } finally {
      fetchChunk.mockRestore();
      prepare.mockRestore();
      await own.close();
    }
  });

  it('that fails on its way says so, however many rows came before', async () => {
    const sql =
      "SELECT CASE WHEN range = 900000 THEN 'secret' ELSE '1' END::INTEGER, repeat('x', 100) FROM range(1000000)";
    const result = await connection.run(requestOf(sql));
    let rows = 0;
    const error = await failureOf(
      (async () => {
        for await (const batch of result.batches()) rows += batch.rowCount;
      })(),
    );
    expect(rows).toBeGreaterThan(0);
    expect(error).toMatchObject({ code: 'execution_failed', facts: { rowCount: rows } });
    expect(error.message).not.toContain('secret');
    expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
  });

  it('can be consumed once, and closed twice', async () => {
    const result = await connection.run(requestOf('SELECT 1'));
    for await (const _ of result.batches()) break;
    await result.close();
    await result.close();
    expect(await failureOf(result.batches()[Symbol.asyncIterator]().next())).toMatchObject({
      code: 'invalid_argument',
    });
  });

  it('that is closed while a batch is on its way ends it', async () => {
    const result = await connection.run(requestOf('SELECT * FROM range(100000000) WHERE range % 10000000 = 9999999'));
    const batches = result.batches()[Symbol.asyncIterator]();
    const waiting = failureOf(batches.next());
    await result.close();
    expect(await waiting).toMatchObject({ code: 'cancelled' });
    expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
  });

  it('has its columns, also without rows and with equal names', async () => {
    const { columns, types, rows } = await answer(connection, "SELECT 1 AS a, 'x' AS a WHERE false");
    expect({ columns, types, rows }).toEqual({ columns: ['a', 'a'], types: ['INTEGER', 'VARCHAR'], rows: [] });
  });
});

describe('rows affected', () => {
  it.each([
    ['CREATE TABLE counted (i INTEGER, s VARCHAR)', null, []],
    ["INSERT INTO counted VALUES (1, 'a'), (2, 'b'), (3, 'c')", 3, []],
    ['UPDATE counted SET i = i + 10 WHERE i > 1', 2, []],
    ['UPDATE counted SET i = i RETURNING i', 3, [[1], [12], [13]]],
    ['DELETE FROM counted WHERE i = 99', 0, []],
    ["INSERT INTO counted VALUES (4, 'd') RETURNING s", 1, [['d']]],
    ['MERGE INTO counted USING (SELECT 4 AS k) ON i = k WHEN MATCHED THEN DELETE', 1, []],
    ['DELETE FROM counted', 3, []],
    ['CREATE VIEW seen AS SELECT 1 AS one', null, []],
    ['CREATE TABLE copied AS SELECT * FROM range(5)', null, []],
    ['SELECT count(*) FROM copied', null, [[5n]]],
    ['SET VARIABLE x = 5', null, []],
    ["SELECT getvariable('x')", null, [[5]]],
    ['DROP TABLE counted', null, []],
  ])('%s', async (sql, rowsAffected, rows) => {
    const found = await answer(connection, sql);
    expect({ rowsAffected: found.rowsAffected, rows: found.rows }).toEqual({ rowsAffected, rows });
  });

  it('EXPLAIN shows a plan', async () => {
    const { columns, rows } = await answer(connection, 'EXPLAIN SELECT * FROM copied');
    expect(columns).toEqual(['explain_key', 'explain_value']);
    expect(rows).toHaveLength(1);
  });
});
