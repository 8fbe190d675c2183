import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Column, EngineConnection, RowBatch } from '@mooring/engine';
import { createDuckdbEngine } from '@mooring/engine-duckdb';
import type { DuckdbEngine } from '@mooring/engine-duckdb';
import { csvLines } from './csv-lines.ts';
import { jsonLines } from './json-lines.ts';

const TIMES = { createdAt: 0, updatedAt: 0, version: 1, state: 'ready', description: '' } as const;
const PLACE = {
  principal: { tenantId: 'acme', userId: 'ann', role: 'dba' },
  namespace: { ...TIMES, kind: 'namespace', tenantId: 'acme', name: 'sales', storage: 'local', ownerId: 'ann' },
  storage: { ...TIMES, kind: 'storage', tenantId: 'acme', name: 'local', type: 'duckdb', options: {} },
} as const;

let engine: DuckdbEngine;
let connection: EngineConnection;
beforeAll(async () => {
  engine = createDuckdbEngine({ dataFolder: null });
  await engine.createNamespace(PLACE);
  connection = await engine.connect(PLACE);
});
afterAll(() => engine.close());

interface Written {
  readonly packed: boolean;
  /** By batch: from the columns as they lie in memory, and from the engine's values. */
  readonly texts: readonly (readonly [string, string])[];
}

async function written(sql: string, format: typeof csvLines): Promise<Written> {
  const result = await connection.run({ sql, parameters: [], timeoutMs: 60_000 });
  const rowsOf = (batch: RowBatch, columns: readonly Column[]): string =>
    Buffer.from(format.encoder(columns).rows(batch)).toString();
  const texts: [string, string][] = [];
  let packed = true;
  for await (const batch of result.batches()) {
    packed &&= batch.packed?.(0) !== undefined;
    const { rowCount, values } = batch;
    texts.push([rowsOf(batch, result.columns), rowsOf({ rowCount, values }, result.columns)]);
  }
  return { packed, texts };
}

const listOf = (type: string, ...values: readonly string[]): [string, string] => [
  type,
  `select case when v = 'NULL' then null else v::${type} end as c from (values ${values.map((value) => `('${value}')`).join()}) as t(v)`,
];

const WHOLES = ['0', '9', '10', '99', '100', '127', '-1', '-128', 'NULL'];
const LONGS = [...WHOLES, '2147483647', '-2147483648', '4294967296', '9007199254740991', '-9007199254740991'];
/** Around the places where a number has one digit more. */
const STEPS = Array.from({ length: 16 }, (_, digits) => 10 ** digits).flatMap((step) =>
  [step - 1, step, -step - 1].map(String),
);

describe.each([
  ['CSV', csvLines],
  ['NDJSON', jsonLines],
])('%s of columns as they lie in memory', (_, format) => {
  it.each<[string, string]>([
    listOf('TINYINT', ...WHOLES),
    listOf('SMALLINT', ...WHOLES, '999', '1000', '-32768'),
    listOf('INTEGER', ...WHOLES, '2147483647', '-2147483648', '1000000000'),
    listOf('BIGINT', ...LONGS, '9007199254740992', '9223372036854775807', '-9223372036854775808', '-9007199254740993'),
    listOf('BIGINT', ...STEPS),
    listOf('DOUBLE', ...STEPS),
    listOf('UTINYINT', '0', '255', 'NULL'),
    listOf('USMALLINT', '0', '65535', 'NULL'),
    listOf('UINTEGER', '0', '4294967295', 'NULL'),
    listOf('UBIGINT', '0', '4294967295', '4294967296', '9007199254740991', '9007199254740993', '18446744073709551615'),
    listOf('FLOAT', '0', '-0.0', '0.1', '1e20', '-3.5', 'nan', 'inf', '-inf', '16777216', 'NULL'),
    listOf('DOUBLE', '0', '-0.0', '0.1', '1e21', '1e300', '5e-324', '123456789012345', 'nan', 'inf', '-inf', 'NULL'),
    listOf(
      'DATE',
      '1970-01-01',
      '1969-12-31',
      '2024-02-29',
      '0001-01-01',
      '9999-12-31',
      '10000-01-01',
      '44-03-15 (BC)',
    ),
    listOf('DATE', 'infinity', '-infinity', '2024-01-01', 'NULL'),
    listOf(
      'TIMESTAMP',
      '1970-01-01',
      '1969-12-31 23:59:59.999999',
      '2024-02-29 12:00:00.5',
      '2024-02-29 00:00:00.000001',
    ),
    listOf('TIMESTAMP', '5000-01-01 00:00:00.000001', '2255-06-05 23:47:34.740993', '290000-01-01', 'infinity', 'NULL'),
    listOf('TIMESTAMPTZ', '2024-02-29 12:00:00.25+02', '1969-12-31 23:59:59.999999+00', '-infinity', 'NULL'),
    listOf('VARCHAR', '', 'plain', 'exactly twelve', 'a "quoted" one', 'comma,', 'é😀', "''", 'back\\slash', 'NULL'),
    ['VARCHAR', `select repeat('€uro ', 40) || chr(i::int) as c from range(1, 2300) as t(i)`],
    ['BIGINT', 'select (i * 7919 * 104729) % 1000003 - 500000 as c from range(5000) as t(i)'],
  ])('is that of the values: %s', async (_type, sql) => {
    const { packed, texts } = await written(sql, format);
    expect(packed).toBe(true);
    for (const [fromMemory, fromValues] of texts) expect(fromMemory).toBe(fromValues);
    expect(texts.length).toBeGreaterThan(0);
  });

  it('is that of the values among columns that do not lie so', async () => {
    const sql = `select i, i::decimal(9,2) as d, case when i % 3 = 0 then null else 'row ' || i end as t, i % 2 = 0 as b,
      [i] as l, i::varchar::blob as bytes from range(3000) as t(i)`;
    const { texts } = await written(sql, format);
    for (const [fromMemory, fromValues] of texts) expect(fromMemory).toBe(fromValues);
    expect(texts.length).toBe(2);
  });
});

describe('the text of one batch', () => {
  it('stays as it is when the next one is written', () => {
    const rows = csvLines.encoder([{ name: 'a', type: 'VARCHAR' }]);
    const [first, second] = ['one', 'two'].map((text) => rows.rows({ rowCount: 1, values: [[text]] }));
    expect([first, second].map((part) => Buffer.from(part ?? '').toString())).toEqual(['one\r\n', 'two\r\n']);
  });
});
