import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection, Value } from '@mooring/engine';
import { EngineWorld, answer, failureOf, rowsOf } from '../engine.fixture.ts';

const world = new EngineWorld();
let connection: EngineConnection;

beforeAll(async () => {
  connection = await world.connection(await world.engine({ dataFolder: null }));
});
afterAll(() => world.close());

describe('parameters', () => {
  it.each<[Value, string]>([
    [7, 'INTEGER'],
    [-2_147_483_649, 'BIGINT'],
    [0.5, 'DOUBLE'],
    [2 ** 60, 'DOUBLE'],
    [true, 'BOOLEAN'],
    ["it's \u0000 é", 'VARCHAR'],
    [-1n, 'BIGINT'],
    [2n ** 100n, 'HUGEINT'],
    [Uint8Array.of(0, 1, 255), 'BLOB'],
    [[1, 2, 3], 'INTEGER[]'],
    [[1, 2n ** 40n, null], 'BIGINT[]'],
    [[1, 0.5], 'DOUBLE[]'],
    [[['a'], []], 'VARCHAR[][]'],
    [{ a: 1, b: ['x'] }, 'STRUCT(a INTEGER, b VARCHAR[])'],
    [[{ a: 1 }, { a: 2n ** 40n }], 'STRUCT(a BIGINT)[]'],
  ])('%p is a %s', async (value, type) => {
    const { types, rows } = await answer(connection, 'SELECT $1, typeof($1)', [value]);
    expect([types[0], rows[0]?.[1]]).toEqual([type, type]);
    expect(widened(rows[0]?.[0])).toEqual(widened(value));
  });

  it('come back from a table as they went in, all as texts', async () => {
    await answer(
      connection,
      `CREATE TABLE all_types (i BIGINT, h HUGEINT, d DECIMAL(10,2), t TIMESTAMP, z TIMESTAMPTZ, n TIMESTAMP_NS, day DATE,
        u UUID, v INTERVAL, e ENUM('x', 'y'), b BOOLEAN)`,
    );
    const values = [
      '9007199254740993',
      '170141183460469231731687303715884105727',
      '12.30',
      '2024-01-02T03:04:05.5',
      '2024-01-02T03:04:05.5Z',
      '2024-01-02T03:04:05.000000001',
      '2024-01-02',
      '00000000-0000-4000-8000-000000000001',
      '1 month 2 days',
      'y',
      'true',
    ];
    const inserted = await answer(
      connection,
      'INSERT INTO all_types VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
      values,
    );
    expect(inserted.rowsAffected).toBe(1);
    const back = [9_007_199_254_740_993n, 2n ** 127n - 1n, ...values.slice(2, -1), true];
    expect(await rowsOf(connection, 'FROM all_types')).toEqual([back]);
    const found = await rowsOf(connection, 'SELECT count(*) FROM all_types WHERE u = $1 AND z = $2 AND d > $3', [
      values[7]!,
      values[4]!,
      '12.29',
    ]);
    expect(found).toEqual([[1n]]);
  });

  it('take NULL, and one may be used twice', async () => {
    expect(await rowsOf(connection, 'SELECT $1 IS NULL, $2::INTEGER + $2::INTEGER', [null, 4])).toEqual([[true, 8]]);
  });

  it.each<[string, Value[], number, number]>([
    ['SELECT 1', [1], 0, 1],
    ['SELECT $1', [], 1, 0],
    ['SELECT $1, $2', [1], 2, 1],
    ['SELECT $2', [1, 2], 1, 2],
    ['SELECT $2', [1], 1, 1],
    ['SELECT $name', [1], 1, 1],
  ])('%s with %p is refused', async (sql, values, expected, actual) => {
    const error = await failureOf(answer(connection, sql, values));
    expect(error).toMatchObject({ code: 'parameter_count', facts: { expected, actual } });
  });

  it.each<[string, Value[]]>([
    ['items of different types', [[1, 'a']]],
    ['an integer that a fraction beside it would round', [[0.5, 2n ** 60n + 1n]]],
    ['an object without members', [{}]],
    ['a function', [(() => 1) as unknown as Value]],
  ])('%s are refused', async (_, values) => {
    expect(await failureOf(answer(connection, 'SELECT $1', values))).toMatchObject({ code: 'invalid_argument' });
  });

  it('leave the connection as it was when they are refused', async () => {
    await failureOf(answer(connection, 'SELECT $1', []));
    expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
  });
});

/** Integers come back as wide as their type, whatever they were given as. */
function widened(value: unknown): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(widened);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, widened(member)]));
}
