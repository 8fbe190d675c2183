import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection, Value } from '@mooring/engine';
import { answer, failureOf, openWorld, rowsOf } from '../engine.fixture.ts';
import type { World } from '../engine.fixture.ts';

let world: World;
let connection: EngineConnection;

beforeAll(async () => {
  world = await openWorld();
  connection = await world.connection(world.engine());
});
afterAll(() => world.close());

describe('columns', () => {
  it.each<[string, string, Value]>([
    ['9223372036854775807::bigint', 'BIGINT', 9_223_372_036_854_775_807n],
    ['7::bigint', 'BIGINT', 7n],
    ['2147483647::integer', 'INTEGER', 2_147_483_647],
    ['7::smallint', 'SMALLINT', 7],
    ['1.50::numeric(18,3)', 'NUMERIC(18,3)', '1.500'],
    [
      '12345678901234567890123456789.123456789::numeric(38,9)',
      'NUMERIC(38,9)',
      '12345678901234567890123456789.123456789',
    ],
    ['0.1::double precision', 'DOUBLE PRECISION', 0.1],
    ["'NaN'::double precision", 'DOUBLE PRECISION', Number.NaN],
    ["'-Infinity'::double precision", 'DOUBLE PRECISION', Number.NEGATIVE_INFINITY],
    ['0.5::real', 'REAL', 0.5],
    ['true', 'BOOLEAN', true],
    ["'ä'::varchar(20)", 'VARCHAR(20)', 'ä'],
    ["''::varchar(20)", 'VARCHAR(20)', ''],
    ["'x'::char(3)", 'CHAR(3)', 'x  '],
    ['NULL::integer', 'INTEGER', null],
    ["'2024-02-29'::date", 'DATE', '2024-02-29'],
    ["'0044-03-15 BC'::date", 'DATE', '-000043-03-15'],
    ["'12024-02-29'::date", 'DATE', '+012024-02-29'],
    ["'infinity'::date", 'DATE', 'infinity'],
    ["'2024-02-29 12:30:00'::timestamp", 'TIMESTAMP', '2024-02-29T12:30:00'],
    ["'2024-02-29 12:30:00.250'::timestamp", 'TIMESTAMP', '2024-02-29T12:30:00.25'],
    ["'2024-02-29 12:30:00.000001+02'::timestamptz", 'TIMESTAMPTZ', '2024-02-29T10:30:00.000001Z'],
    ["'24:00:00'::time", 'TIME', '24:00:00'],
    ["'12:30:00.100-05:30'::timetz", 'TIMETZ', '12:30:00.1-05:30'],
    ["'12:30:00+00'::timetz", 'TIMETZ', '12:30:00+00:00'],
    ["json_parse('[1, {}]')", 'SUPER', '[1, {}]'],
  ])('%s is a %s', async (sql, type, value) => {
    const { columns, types, rows } = await answer(connection, `SELECT ${sql} AS "A b"`);
    expect({ columns, types, rows }).toEqual({ columns: ['A b'], types: [type], rows: [[value]] });
  });

  it('have bytes', async () => {
    await answer(connection, 'CREATE TABLE bytes (b VARBYTE(10))');
    await world.admin.query(String.raw`INSERT INTO sales_acme.bytes VALUES ('\x00ff'), (''), (NULL)`);
    const { types, rows } = await answer(connection, 'SELECT b FROM bytes');
    expect(types).toEqual(['VARBYTE']);
    expect(rows).toEqual([[Uint8Array.of(0, 255)], [Uint8Array.of()], [null]]);
  });

  it('say the zone where the connection has set one', async () => {
    const own = await world.connection(world.engine());
    await answer(own, "SET timezone TO 'Europe/Athens'");
    expect(await rowsOf(own, "SELECT '2024-02-29 12:00:00+00'::timestamptz")).toEqual([['2024-02-29T14:00:00+02:00']]);
    await own.close();
  });
});

describe('parameters', () => {
  it.each<[Value, string, Value]>([
    [1, 'INTEGER', 1],
    [-2_147_483_648, 'INTEGER', -2_147_483_648],
    [2_147_483_648, 'BIGINT', 2_147_483_648n],
    [9_223_372_036_854_775_807n, 'BIGINT', 9_223_372_036_854_775_807n],
    [-9_223_372_036_854_775_808n, 'BIGINT', -9_223_372_036_854_775_808n],
    [9_223_372_036_854_775_808n, 'NUMERIC(38,0)', '9223372036854775808'],
    [0.1, 'DOUBLE PRECISION', 0.1],
    [1e300, 'DOUBLE PRECISION', 1e300],
    [Number.NaN, 'DOUBLE PRECISION', Number.NaN],
    [Number.POSITIVE_INFINITY, 'DOUBLE PRECISION', Number.POSITIVE_INFINITY],
    [false, 'BOOLEAN', false],
    [['a', 1, 2n ** 60n, { b: null }], 'SUPER', '["a", 1, 1152921504606846976, {"b": null}]'],
    ["it's \\ $1 :p1 -- \u{1f600}", 'VARCHAR(256)', "it's \\ $1 :p1 -- \u{1f600}"],
    ['', 'VARCHAR(256)', ''],
    [null, 'VARCHAR(256)', null],
  ])('%p is a %s', async (value, type, seen) => {
    const { types, rows } = await answer(connection, 'SELECT $1 AS v', [value]);
    expect({ types, rows }).toEqual({ types: [type], rows: [[seen]] });
  });

  it('are converted like literals in their places', async () => {
    await answer(connection, 'CREATE TABLE places (id BIGINT, day DATE, price NUMERIC(10,2), name VARCHAR(10))');
    const insert = 'INSERT INTO places VALUES ($1, $2, $3, $4), ($1 + 1, $2, $3, NULL)';
    expect((await answer(connection, insert, [5, '2024-02-29', '1.5', null])).rowsAffected).toBe(2);
    const select =
      'SELECT id, day, price, name, \'$1\', $$$2$$, "$1" FROM (SELECT *, \'q\' AS "$1" FROM places) AS p WHERE id = $1';
    expect(await rowsOf(connection, select, [6n])).toEqual([[6n, '2024-02-29', '1.50', null, '$1', '$2', 'q']]);
    expect(await rowsOf(connection, 'SELECT count(*) FROM places LIMIT $2 OFFSET $1', [0, 1])).toEqual([[2n]]);
    expect(await rowsOf(connection, "SELECT $10 || E'\\'$1' || $1", ['a', ...Array<null>(8).fill(null), 'b'])).toEqual([
      ["b'$1a"],
    ]);
  });

  it('are refused where they do not fit', async () => {
    const failing = (values: readonly Value[]) => failureOf(answer(connection, 'SELECT $1', values));
    expect(await failing([])).toMatchObject({ code: 'parameter_count', facts: { expected: 1, actual: 0 } });
    expect((await failing([10n ** 38n])).code).toBe('invalid_argument');
    expect((await failing(['\0'])).code).toBe('invalid_argument');
    expect((await failing(['\ud800'])).code).toBe('invalid_argument');
    expect((await failing([Uint8Array.of(1)])).code).toBe('invalid_argument');
    expect((await failing([[Number.NaN]])).code).toBe('invalid_argument');
  });

  it('are in no error', async () => {
    const secret = 'hunter2 "quoted" \'single\' (x)';
    for (const sql of ['SELECT $1::integer', 'SELECT CAST($1 AS date)', 'SELECT json_parse($1)']) {
      const { message, cause, facts } = await failureOf(answer(connection, sql, [secret]));
      expect(JSON.stringify([message, String(cause), facts])).not.toMatch(/hunter2|quoted|single/);
    }
    const { message } = await failureOf(answer(connection, 'SELECT $1 FROM missing_here', [secret]));
    expect(message).toContain('"missing_here" does not exist');
  });
});
