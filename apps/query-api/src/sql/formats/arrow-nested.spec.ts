import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Column, EngineConnection, RowBatch } from '@mooring/engine';
import type { DuckdbEngine } from '@mooring/engine-duckdb';
import { tableFromIPC } from 'apache-arrow';
import type { Data } from 'apache-arrow';
import * as fc from 'fast-check';
import { jsonOfValue } from '../value-json.ts';
import type { JsonValue } from '../value-json.ts';
import { arrowStream } from './arrow-stream.ts';
import { openDuckdb } from './duckdb.fixture.ts';
import { jsonLines } from './json-lines.ts';

let engine: DuckdbEngine;
let connection: EngineConnection;
beforeAll(async () => {
  ({ engine, connection } = await openDuckdb());
});
afterAll(() => engine.close());

interface Seen {
  readonly columns: readonly Column[];
  readonly json: readonly unknown[];
  readonly arrow: readonly unknown[];
  readonly arrowType: string;
}

/** What the two formats have of one statement with one column `c`. */
async function seen(sql: string): Promise<Seen> {
  const { columns, batches } = await run(sql);
  const [arrow, lines] = [arrowStream.encoder(columns), jsonLines.encoder(columns)];
  const bytes = [arrow.begin(), ...batches.map((batch) => arrow.rows(batch)), arrow.end()] as Uint8Array[];
  const text = batches.map((batch) => Buffer.from(lines.rows(batch) as Uint8Array).toString()).join('');
  const json = text.split('\n').slice(0, -1);
  const column = tableFromIPC(Buffer.concat(bytes)).getChild('c');
  return {
    columns,
    json: json.map((line) => (JSON.parse(line) as { c: unknown }).c),
    arrow: (column?.data ?? []).flatMap((data) => Array.from({ length: data.length }, (_, row) => cell(data, row))),
    arrowType: column === null || column === undefined ? '' : typeText(column.type),
  };
}

async function run(sql: string): Promise<{ columns: readonly Column[]; batches: RowBatch[] }> {
  const result = await connection.run({ sql, parameters: [], timeoutMs: 120_000 });
  const batches: RowBatch[] = [];
  for await (const { rowCount, values } of result.batches()) batches.push({ rowCount, values });
  return { columns: result.columns, batches };
}

/** Of what lies in the buffers, in the form that JSON has. */
function cell(data: Data, row: number): JsonValue {
  if (!data.getValid(row)) return null;
  const [child] = data.children;
  const name = typeText(data.type);
  if (/^(List|Map)</.test(name)) {
    const [start = 0, end = 0] = [data.valueOffsets[row], data.valueOffsets[row + 1]];
    const items = Array.from({ length: end - start }, (_, index) => start + index);
    if (name.startsWith('List')) return items.map((at) => cell(child as Data, at));
    return items.map((at) => (child as Data).children.map((part) => cell(part, at)));
  }
  if (name.startsWith('Struct')) {
    const names = (data.type as unknown as { children: { name: string }[] }).children.map((field) => field.name);
    return Object.fromEntries(names.map((member, index) => [member, cell(data.children[index] as Data, row)]));
  }
  if (name === 'Bool') return ((data.values[row >> 3] as number) & (1 << (row & 7))) !== 0;
  if (name === 'Utf8' || name === 'Binary') {
    const bytes = (data.values as Uint8Array).slice(data.valueOffsets[row], data.valueOffsets[row + 1]);
    return name === 'Utf8' ? Buffer.from(bytes).toString() : jsonOfValue(bytes);
  }
  if (name.startsWith('Date')) return new Date(Number(data.values[row]) * 86_400_000).toISOString().slice(0, 10);
  if (name.startsWith('Timestamp')) return new Date(Number(data.values[row]) / 1000).toISOString().slice(0, 19);
  if (name.startsWith('Decimal')) return (Number((data.values as Uint32Array)[4 * row]) / 100).toFixed(2);
  return jsonOfValue(data.values[row] as number | bigint);
}

/** The library's own text of a type, which its declarations don't have. */
function typeText(type: { toString(): string }): string {
  return type.toString();
}

/** A type of DuckDB, and texts of SQL that are values of it. */
interface Kind {
  readonly type: string;
  readonly value: fc.Arbitrary<string>;
}

const leaf = (type: string, value: fc.Arbitrary<string>): Kind => ({ type, value });
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const LEAVES: readonly Kind[] = [
  leaf('BOOLEAN', fc.constantFrom('true', 'false')),
  leaf('INTEGER', fc.integer().map(String)),
  leaf(
    'BIGINT',
    fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }).map((whole) => quoted(String(whole))),
  ),
  leaf('HUGEINT', fc.constant("'170141183460469231731687303715884105727'")),
  leaf('DOUBLE', fc.constantFrom('0.5', '-1e300', "'NaN'", "'Infinity'", '0')),
  leaf('DECIMAL(9,2)', fc.constantFrom('0', '12.34', '9999999.99')),
  leaf(
    'VARCHAR',
    fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => quoted(text.replaceAll(/\p{C}/gu, '?'))),
  ),
  leaf('BLOB', fc.constantFrom("''", String.raw`'\xFFab'`)),
  leaf('DATE', fc.constantFrom("'1969-12-31'", "'2024-02-29'")),
  leaf('TIMESTAMP', fc.constantFrom("'1969-12-31 23:59:59'", "'2024-02-29 12:00:00'")),
  leaf('UUID', fc.constantFrom("'4b9f1c1e-6f0a-4a53-9a38-2a0b1d6c7e55'")),
  leaf('TIME WITH TIME ZONE', fc.constantFrom("'12:00:00+02'")),
  leaf(`ENUM('a b', 'it''s (c)')`, fc.constantFrom("'it''s (c)'")),
];
const NAMES = ['a', 'Name', 'a b', 'it"s', 'TIMESTAMP', 'constructor'];

const SOME_NAMES = { minLength: 1, maxLength: 3, selector: ([name]: [string, Kind]) => name.toLowerCase() } as const;
const MAP_KEYS = new Set(['VARCHAR', 'INTEGER', 'DATE']);

const orNull = ({ type, value }: Kind): fc.Arbitrary<string> =>
  fc.option(value, { nil: 'NULL', freq: 3 }).map((text) => `CAST(${text} AS ${type})`);
const named = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const kinds = fc.letrec<{ kind: Kind }>((tie) => ({
  kind: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(...LEAVES),
    tie('kind').map((item) => ({
      type: `${item.type}[]`,
      value: fc.array(orNull(item), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    })),
    fc.tuple(tie('kind'), fc.integer({ min: 1, max: 3 })).map(([item, length]) => ({
      type: `${item.type}[${length}]`,
      value: fc.array(orNull(item), { minLength: length, maxLength: length }).map((items) => `[${items.join(', ')}]`),
    })),
    fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), tie('kind')), SOME_NAMES).map((members) => ({
      type: `STRUCT(${members.map(([name, { type }]) => `${named(name)} ${type}`).join(', ')})`,
      value: fc
        .tuple(...members.map(([, kind]) => orNull(kind)))
        .map((values) => `{${values.map((text, index) => `${quoted(members[index]![0])}: ${text}`).join(', ')}}`),
    })),
    fc.tuple(fc.constantFrom(...LEAVES.filter(({ type }) => MAP_KEYS.has(type))), tie('kind')).map(([key, value]) => ({
      type: `MAP(${key.type}, ${value.type})`,
      value: fc
        .uniqueArray(fc.tuple(key.value, orNull(value)), { maxLength: 3, selector: ([text]) => text })
        .map(
          (pairs) => `map([${pairs.map(([text]) => text).join(', ')}], [${pairs.map(([, text]) => text).join(', ')}])`,
        ),
    })),
  ),
}));

describe('lists, structs and maps in Arrow', () => {
  it('have the values that JSON has, however they are in one another', async () => {
    const results = kinds.kind.chain((kind) =>
      fc.tuple(fc.constant(kind.type), fc.array(orNull(kind), { minLength: 1, maxLength: 4 })),
    );
    await fc.assert(
      fc.asyncProperty(results, async ([type, values]) => {
        const rows = values.map((text) => `SELECT CAST(${text} AS ${type}) AS c`);
        const { json, arrow } = await seen(rows.join(' UNION ALL '));
        expect(arrow).toEqual(json);
      }),
      { numRuns: 100 },
    );
  });

  it('have types of their own', async () => {
    const { arrowType, arrow, columns } = await seen(
      `SELECT * FROM (VALUES ({'l': [1, NULL], 'm': map(['k'], [[DATE '2024-02-29']])}), (NULL), ({'l': [], 'm': map([], [])}), ({'l': NULL, 'm': NULL})) AS t(c)`,
    );
    expect(columns[0]?.type).toBe('STRUCT(l INTEGER[], m MAP(VARCHAR, DATE[]))');
    expect(arrowType).toBe('Struct<{l:List<Int32>, m:Map<{key:Utf8, value:List<Date32<DAY>>}>}>');
    expect(arrow).toEqual([{ l: [1, null], m: [['k', ['2024-02-29']]] }, null, { l: [], m: [] }, { l: null, m: null }]);
  });

  it('are over all batches of a result', async () => {
    const { json, arrow } = await seen('SELECT [range, NULL, -range] AS c FROM range(5000)');
    expect([arrow.length, JSON.stringify(arrow)]).toEqual([5000, JSON.stringify(json)]);
  });

  it('have members of any name', async () => {
    const { json, arrow } = await seen(`SELECT [{'__proto__': 1, 'A "b"': 3}, NULL] AS c`);
    expect(JSON.stringify(arrow)).toBe(JSON.stringify(json));
  });

  it.each([
    "SELECT row(1, 'a') AS c",
    "SELECT row(TIMESTAMPTZ '2024-02-29 12:00:00Z') AS c",
    'SELECT [row(1, 2)] AS c',
  ])('are text where they have no names: %s', async (sql) => {
    const { json, arrow, arrowType } = await seen(sql);
    expect(arrowType).toBe('Utf8');
    expect(arrow.map((text) => JSON.parse(String(text)) as unknown)).toEqual(json);
  });
});
