import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { StatementType } from '@duckdb/node-api';
import type { EngineConnection } from '@mooring/engine';
import { EngineWorld, answer, failureOf, placeOf, requestOf, rowsOf } from '../engine.fixture.ts';
import { TenantInstance } from '../instances/tenant-instance.ts';
import { tokensOf } from './tokens.ts';
import { leavesNoTrace } from './traces.ts';

const { SELECT, INSERT, SET, VARIABLE_SET, TRANSACTION, EXPLAIN } = StatementType;
const noTrace = (sql: string, type = SELECT): boolean => leavesNoTrace(type, tokensOf(sql) ?? []);

describe('leavesNoTrace', () => {
  it.each([
    'SELECT 1',
    'SELECT count(*), avg(x) FROM t WHERE a IN (1, 2) AND NOT EXISTS (SELECT 1 FROM u) GROUP BY (b)',
    'WITH w AS (SELECT sum(x) OVER (ORDER BY y) FROM t) SELECT CAST(a AS DECIMAL(9, 2)) FROM w JOIN u USING (id)',
    "SELECT 'setseed(1)', setseed FROM t -- setseed(1)",
  ])('is so of %s', (sql) => expect(noTrace(sql)).toBe(true));

  it.each([
    'SELECT setseed(0.5)',
    'SELECT main."SETSEED"(0.5)',
    'SELECT 0.5.setseed()',
    'SELECT a_function_of_a_later_version(1)',
    'SELECT "in"(1)',
    "SELECT nextval('s')",
  ])('is not so of %s', (sql) => expect(noTrace(sql)).toBe(false));

  it.each([INSERT, SET, VARIABLE_SET, TRANSACTION, EXPLAIN])('is not so of statements of type %i', (type) =>
    expect(noTrace('SELECT 1', type)).toBe(false),
  );
});

const world = new EngineWorld();
afterAll(() => world.close());

describe('the connection of a statement', () => {
  const keep = jest.spyOn(TenantInstance.prototype, 'keep');
  afterEach(() => void keep.mockClear());
  const inSales = async (): Promise<() => Promise<EngineConnection>> => {
    const engine = await world.engine();
    await engine.createNamespace(placeOf('acme'));
    await engine.createNamespace(placeOf('acme', 'stock'));
    return () => engine.connect(placeOf('acme'));
  };
  const seen =
    "SELECT getvariable('me'), current_schema(), strftime(to_timestamp(0), '%H'), (SELECT count(*) FROM duckling)";

  it('is there for the next one in the namespace, after a query that was read to its end', async () => {
    const connect = await inSales();
    for (let round = 0; round < 3; round += 1) {
      const connection = await connect();
      expect(await rowsOf(connection, 'SELECT count(*) FROM range(5000)')).toEqual([[5000n]]);
      expect(await rowsOf(connection, 'SELECT current_schema()')).toEqual([['sales']]);
      await connection.close();
    }
    expect(keep).toHaveBeenCalledTimes(3);
    expect(new Set(keep.mock.calls.map(([, native]) => native)).size).toBe(1);
  });

  it.each([
    'SET VARIABLE me = 1',
    "SET TimeZone = 'Asia/Tokyo'",
    'CREATE TEMP TABLE duckling AS SELECT 1 AS i',
    'BEGIN',
    'SELECT setseed(0.5)',
    'CREATE TABLE kept AS SELECT 1 AS i',
    'EXPLAIN ANALYZE SELECT 1',
  ])('ends with it after %s, whatever follows', async (sql) => {
    const connect = await inSales();
    const connection = await connect();
    await answer(connection, sql);
    await answer(connection, 'SELECT 1');
    await connection.close();
    expect(keep).not.toHaveBeenCalled();
    const next = await connect();
    expect(await failureOf(answer(next, seen))).toMatchObject({ code: 'not_found' });
    expect(await rowsOf(next, seen.replace('SELECT count(*) FROM duckling', 'SELECT 0'))).toEqual([
      [null, 'sales', '00', 0],
    ]);
  });

  it('ends with a query that failed, was left, or was cut off by its end', async () => {
    const connect = await inSales();
    const left = await connect();
    await (await left.run(requestOf('FROM range(100000)'))).close();
    await left.close();
    const failing = await connect();
    await failureOf(answer(failing, "SELECT (CASE WHEN range = 9000 THEN 'x' ELSE '1' END)::INT FROM range(10000)"));
    await failing.close();
    const reading = await connect();
    await reading.run(requestOf('FROM range(100000)'));
    await reading.close();
    expect(keep).not.toHaveBeenCalled();
  });

  it('has no seed from a view', async () => {
    const connection = await (await inSales())();
    for (const sql of ['CREATE VIEW v AS SELECT setseed(0.5)', 'CREATE TABLE t (i INT, s AS (setseed(i)))']) {
      expect(await failureOf(answer(connection, sql))).toMatchObject({ code: 'forbidden' });
    }
  });
});
