import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Column, EngineConnection, Value } from '@mooring/engine';
import type { DuckdbEngine } from '@mooring/engine-duckdb';
import { tableFromIPC } from 'apache-arrow';
import { jsonOfValue } from '../value-json.ts';
import { arrowStream } from './arrow-stream.ts';
import { csvLines } from './csv-lines.ts';
import { openDuckdb } from './duckdb.fixture.ts';
import { jsonLines } from './json-lines.ts';
import type { ResultFormat } from './result-format.ts';

const BIG = 9_007_199_254_740_993n;

/** No SQL casts to it. */
const WITHOUT_NAMES = 'STRUCT(INTEGER, VARCHAR)';

/** SQL of the example that the table has of a type of DuckDB. */
const EXAMPLES: Readonly<Record<string, string>> = {
  BOOLEAN: 'true',
  ...sameFor('-7', 'TINYINT', 'SMALLINT', 'INTEGER'),
  ...sameFor('7', 'UTINYINT', 'USMALLINT', 'UINTEGER'),
  ...sameFor("'9007199254740993'", 'BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'BIGNUM'),
  ...sameFor('0.5', 'FLOAT', 'DOUBLE'),
  'DECIMAL(18,2)': '1.5',
  VARCHAR: "'a,b'",
  "ENUM('x', 'y')": "'x'",
  UUID: "'4b9f1c1e-6f0a-4a53-9a38-2a0b1d6c7e55'",
  BIT: "'101'",
  JSON: `'{"a":1}'`,
  BLOB: "'xy'",
  DATE: "'2024-02-29'",
  ...sameFor("'23:59:59.25'", 'TIME', 'TIME_NS'),
  'TIME WITH TIME ZONE': "'12:30:00+02'",
  ...sameFor("'2024-02-29 12:00:00.25'", 'TIMESTAMP', 'TIMESTAMP_MS'),
  TIMESTAMP_S: "'2024-02-29 12:00:00'",
  TIMESTAMP_NS: "'2024-02-29 12:00:00.000000025'",
  'TIMESTAMP WITH TIME ZONE': "'2024-02-29 12:00:00.25+02'",
  INTERVAL: "'14 months 01:00:00.5'",
  ...sameFor('[1, NULL]', 'INTEGER[]', 'INTEGER[2]'),
  'STRUCT(a INTEGER, b VARCHAR)': "{'a': 1, 'b': 'x'}",
  [WITHOUT_NAMES]: "row(1, 'x')",
  'MAP(VARCHAR, INTEGER)': "MAP {'k': 1}",
  'UNION(i INTEGER, s VARCHAR)': "union_value(s := 'x')",
};

/** The example as `@mooring/engine-redshift` gives it. */
const WAREHOUSE: Readonly<Record<string, Value>> = {
  BOOLEAN: true,
  SMALLINT: -7,
  INTEGER: -7,
  BIGINT: BIG,
  REAL: 0.5,
  'DOUBLE PRECISION': 0.5,
  'NUMERIC(18,2)': '1.50',
  'VARCHAR(9)': 'a,b',
  'CHAR(3)': 'a,b',
  SUPER: '{"a":1}',
  VARBYTE: Uint8Array.of(120, 121),
  DATE: '2024-02-29',
  TIME: '23:59:59.25',
  TIMETZ: '12:30:00+02:00',
  TIMESTAMP: '2024-02-29T12:00:00.25',
  TIMESTAMPTZ: '2024-02-29T10:00:00.25Z',
};
/** The table says in words what they are. */
const IN_WORDS = new Set(['GEOMETRY', 'VARIANT']);

let engine: DuckdbEngine;
let connection: EngineConnection;
let rows: readonly (readonly string[])[];
beforeAll(async () => {
  ({ engine, connection } = await openDuckdb());
  rows = await documented();
});
afterAll(() => engine.close());

function sameFor(sql: string, ...types: readonly string[]): Record<string, string> {
  return Object.fromEntries(types.map((type) => [type, sql]));
}

/** Rows of the table of types, cell by cell. */
async function documented(): Promise<readonly (readonly string[])[]> {
  const page = await readFile(new URL('../../../../../docs/sql.md', import.meta.url), 'utf8');
  const section = page.split('## Types in results')[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => line.split('|').slice(1, -1));
}

const codesOf = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string);

/** What the formats make of one value, with NULL in the row after it. */
function forms(column: Column, value: Value): readonly [json: string, csv: string, arrow: string] {
  const batch = { rowCount: 2, values: [[value, null]] };
  const texts = (format: ResultFormat) => {
    const encoder = format.encoder([{ ...column, name: 'c' }]);
    const parts = [encoder.begin(), encoder.rows(batch), encoder.end()];
    return Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
  };
  const json = /^\{"c":(.*)\}\n\{"c":null\}\n$/.exec(String(texts(jsonLines)))?.[1] ?? '';
  expect(JSON.parse(json)).toEqual(jsonOfValue(value));
  const csv = /^c\r\n(.*)\r\n\r\n$/.exec(String(texts(csvLines)))?.[1] ?? '';
  const read = tableFromIPC(texts(arrowStream)).getChild('c');
  expect([read?.length, read?.nullCount]).toEqual([2, 1]);
  return [json, csv, arrowName(String(read?.type))];
}

function arrowName(type: string): string {
  const decimal = /^Decimal\[(\d+)e\+(\d+)\]$/.exec(type);
  if (decimal !== null) return `Decimal128(${decimal[1]}, ${decimal[2]})`;
  const units = { SECOND: 's', MILLISECOND: 'ms', MICROSECOND: 'us', NANOSECOND: 'ns' };
  const [, unit, zone] = /^Timestamp<(\w+)(, UTC)?>$/.exec(type) ?? [];
  if (unit !== undefined) return `Timestamp(${units[unit as keyof typeof units]}${zone ?? ''})`;
  return type === 'Date32<DAY>' ? 'Date32' : type;
}

describe('the table of types in docs/sql.md', () => {
  it('has each type of DuckDB as results have it', async () => {
    const [told, found]: unknown[][] = [[], []];
    for (const [types, , json, csv, arrow] of rows) {
      for (const type of codesOf(types?.split(' as of ')[0]).filter((name) => !IN_WORDS.has(name))) {
        const example = EXAMPLES[type];
        const sql = type === WITHOUT_NAMES ? `SELECT ${example}` : `SELECT CAST(${example} AS ${type})`;
        const result = await connection.run({ sql, parameters: [], timeoutMs: 120_000 });
        let value: Value = null;
        for await (const { values } of result.batches()) value = values[0]?.[0] ?? null;
        found!.push([result.columns[0]?.type, ...forms(result.columns[0] as Column, value)]);
        told!.push([type, ...[json, csv, arrow].map((cell) => codesOf(cell)[0])]);
      }
    }
    expect(found).toEqual(told);
    expect(found).toHaveLength(Object.keys(EXAMPLES).length);
  });

  it('has each type of Redshift as results have it', () => {
    const told = rows.flatMap(([, types, ...cells]) =>
      codesOf(types).map((type) => [type, ...cells.map((cell) => codesOf(cell)[0])]),
    );
    const found = Object.entries(WAREHOUSE).map(([type, value]) => [type, ...forms({ name: 'c', type }, value)]);
    expect(told).toEqual(expect.arrayContaining(found));
    expect(told).toHaveLength(found.length);
  });
});
