import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection } from '@mooring/engine';
import { EngineWorld, answer } from '../engine.fixture.ts';

const world = new EngineWorld();
let connection: EngineConnection;

beforeAll(async () => {
  connection = await world.connection(await world.engine({ dataFolder: null }));
});
afterAll(() => world.close());

describe('values', () => {
  it.each([
    ['NULL', 'INTEGER', null],
    ['true', 'BOOLEAN', true],
    ['(-128)::TINYINT', 'TINYINT', -128],
    ['32767::SMALLINT', 'SMALLINT', 32_767],
    ['(-2147483648)::INTEGER', 'INTEGER', -2_147_483_648],
    ['9223372036854775807::BIGINT', 'BIGINT', 9_223_372_036_854_775_807n],
    ['(-9223372036854775808)::BIGINT', 'BIGINT', -9_223_372_036_854_775_808n],
    ['255::UTINYINT', 'UTINYINT', 255],
    ['65535::USMALLINT', 'USMALLINT', 65_535],
    ['4294967295::UINTEGER', 'UINTEGER', 4_294_967_295],
    ['18446744073709551615::UBIGINT', 'UBIGINT', 18_446_744_073_709_551_615n],
    ['170141183460469231731687303715884105727::HUGEINT', 'HUGEINT', 2n ** 127n - 1n],
    ['340282366920938463463374607431768211455::UHUGEINT', 'UHUGEINT', 2n ** 128n - 1n],
    [
      "'-123456789012345678901234567890123456789012345'::BIGNUM",
      'BIGNUM',
      -123456789012345678901234567890123456789012345n,
    ],
    ['1.50::DECIMAL(4,2)', 'DECIMAL(4,2)', '1.50'],
    ['-0.05::DECIMAL(4,2)', 'DECIMAL(4,2)', '-0.05'],
    [
      '12345678901234567890123456789012345678::DECIMAL(38,0)',
      'DECIMAL(38,0)',
      '12345678901234567890123456789012345678',
    ],
    ['0.1::DOUBLE', 'DOUBLE', 0.1],
    ["'NaN'::DOUBLE", 'DOUBLE', Number.NaN],
    ["'-Infinity'::DOUBLE", 'DOUBLE', Number.NEGATIVE_INFINITY],
    ['0.1::FLOAT', 'FLOAT', Math.fround(0.1)],
    ["'é漢😀'", 'VARCHAR', 'é漢😀'],
    ["''", 'VARCHAR', ''],
    ["'\\x00\\xFFa'::BLOB", 'BLOB', Uint8Array.of(0, 255, 97)],
    ["'10110'::BIT", 'BIT', '10110'],
    ["'4AC7A9E9-607c-4c8a-84f3-843f0191e3fd'::UUID", 'UUID', '4ac7a9e9-607c-4c8a-84f3-843f0191e3fd'],
    ["'small'::ENUM('small', 'large')", "ENUM('small', 'large')", 'small'],
    [`'{"a": [1]}'::JSON`, 'JSON', '{"a": [1]}'],
    ["DATE '2024-02-29'", 'DATE', '2024-02-29'],
    ["DATE '0044-03-15 (BC)'", 'DATE', '-000043-03-15'],
    ["DATE '12345-01-02'", 'DATE', '+012345-01-02'],
    ["DATE '-infinity'", 'DATE', '-infinity'],
    ["TIME '23:59:59.000001'", 'TIME', '23:59:59.000001'],
    ["TIME '24:00:00'", 'TIME', '24:00:00'],
    ["'01:02:03.000000004'::TIME_NS", 'TIME_NS', '01:02:03.000000004'],
    ["'12:30:00.5-03:30'::TIMETZ", 'TIME WITH TIME ZONE', '12:30:00.5-03:30'],
    ["'12:30:00+15:59:59'::TIMETZ", 'TIME WITH TIME ZONE', '12:30:00+15:59:59'],
    ["TIMESTAMP '2024-02-29 12:00:00.25'", 'TIMESTAMP', '2024-02-29T12:00:00.25'],
    ["TIMESTAMP '1969-12-31 23:59:59.999999'", 'TIMESTAMP', '1969-12-31T23:59:59.999999'],
    ["TIMESTAMP 'infinity'", 'TIMESTAMP', 'infinity'],
    ["'2024-02-29 12:00:00+02'::TIMESTAMPTZ", 'TIMESTAMP WITH TIME ZONE', '2024-02-29T10:00:00Z'],
    ["'-infinity'::TIMESTAMPTZ", 'TIMESTAMP WITH TIME ZONE', '-infinity'],
    ["'2024-02-29 12:00:00.7'::TIMESTAMP_S", 'TIMESTAMP_S', '2024-02-29T12:00:01'],
    ["'2024-02-29 12:00:00.123'::TIMESTAMP_MS", 'TIMESTAMP_MS', '2024-02-29T12:00:00.123'],
    ["'2024-02-29 12:00:00.123456789'::TIMESTAMP_NS", 'TIMESTAMP_NS', '2024-02-29T12:00:00.123456789'],
    ["INTERVAL '14 months -3 days 01:00:00.5'", 'INTERVAL', '1 year 2 months -3 days 01:00:00.5'],
    ['INTERVAL 0 SECOND', 'INTERVAL', '00:00:00'],
    ['[1, NULL, 3]::BIGINT[]', 'BIGINT[]', [1n, null, 3n]],
    ["[['a'], []]", 'VARCHAR[][]', [['a'], []]],
    ['[1.5, 2]::DECIMAL(3,1)[2]', 'DECIMAL(3,1)[2]', ['1.5', '2.0']],
    ["{'a': 1, 'b c': DATE '2024-01-01'}", 'STRUCT(a INTEGER, "b c" DATE)', { a: 1, 'b c': '2024-01-01' }],
    ["{'a': NULL::BIGINT[]}", 'STRUCT(a BIGINT[])', { a: null }],
    [
      "MAP {'x': 1::BIGINT, 'y': NULL}",
      'MAP(VARCHAR, BIGINT)',
      [
        ['x', 1n],
        ['y', null],
      ],
    ],
    ['union_value(num := 2)', 'UNION(num INTEGER)', { num: 2 }],
    ["'b'::UNION(i INTEGER, s VARCHAR)", 'UNION(i INTEGER, s VARCHAR)', { s: 'b' }],
    ['42::BIGINT::VARIANT', 'VARIANT', 42n],
    ["row(1, 'a')", 'STRUCT(INTEGER, VARCHAR)', [1, 'a']],
    ["[row(1, 'a'), NULL]", 'STRUCT(INTEGER, VARCHAR)[]', [[1, 'a'], null]],
    ["{'__proto__': 1}", 'STRUCT(__proto__ INTEGER)', JSON.parse('{"__proto__": 1}')],
  ])('%s', async (expression, type, value) => {
    const { types, rows } = await answer(connection, `SELECT ${expression}`);
    expect({ types, rows }).toStrictEqual({ types: [type], rows: [[value]] });
  });

  it('shows times as DuckDB does, over the whole of their ranges', async () => {
    const sql = `SELECT t, strftime(t, '%Y-%m-%dT%H:%M:%S.%f') FROM (
        SELECT make_timestamp(i * 83291119741 * 7 + i * i) AS t FROM range(-3000, 3000) r(i)
        UNION ALL SELECT make_timestamp(-9007199254740993 - i * 1234567890123) FROM range(3000) r(i)
      ) WHERE t BETWEEN TIMESTAMP '1000-01-01' AND TIMESTAMP '9999-12-31'`;
    const { rows } = await answer(connection, sql);
    expect(rows.length).toBeGreaterThan(5000);
    const padded = rows.map(([ours]) => {
      const [whole, fraction = ''] = (ours as string).split('.');
      return `${whole}.${fraction.padEnd(6, '0')}`;
    });
    expect(padded).toEqual(rows.map(([, theirs]) => theirs));
  });

  it('shows intervals as DuckDB does', async () => {
    const sql = `SELECT i, i::VARCHAR FROM (VALUES (INTERVAL '-1 month'), (INTERVAL '13 months 1 day'), (INTERVAL '-0.000001 s'),
      (INTERVAL '100 hours'), (INTERVAL '-5 years 3 months 2 days -00:00:01')) t(i)`;
    const { rows } = await answer(connection, sql);
    expect(rows.map(([ours]) => ours)).toEqual(rows.map(([, theirs]) => theirs));
  });

  it('are the same at any place of a chunk and of a result', async () => {
    const sql = `SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE i::DECIMAL(18,3) END, [i, NULL], {'k': i::VARCHAR}
      FROM range(5000) t(i)`;
    const { rows } = await answer(connection, sql);
    expect(rows).toHaveLength(5000);
    for (const at of [0, 2047, 2048, 4999]) {
      const i = BigInt(at);
      expect(rows[at]).toEqual([i, at % 3 === 0 ? null : `${at}.000`, [i, null], { k: String(at) }]);
    }
  });

  it('of a type without a form are refused, not shortened', async () => {
    await expect(answer(connection, "SELECT MAP {'x': row(1, 2)}")).rejects.toMatchObject({
      code: 'unsupported_statement',
    });
  });
});
