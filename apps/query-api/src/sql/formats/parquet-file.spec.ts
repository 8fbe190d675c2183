import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Column, EngineConnection, EnginePlace, Row, StorageRecord } from '@mooring/engine';
import { createDuckdbEngine } from '@mooring/engine-duckdb';
import type { DuckdbEngine } from '@mooring/engine-duckdb';
import { parquetFile } from './parquet-file.ts';

const READY = { tenantId: 'acme', description: '', state: 'ready', version: 1, createdAt: 0, updatedAt: 0 } as const;

let folder: string;
let engine: DuckdbEngine;
let embedded: EngineConnection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-parquet-'));
  await mkdir(join(folder, 'acme', 'files'), { recursive: true });
  engine = createDuckdbEngine({ dataFolder: null, parquetFolder: folder });
  const place = placeOf({ type: 'duckdb', name: 'main', options: {} });
  await engine.createNamespace(place);
  embedded = await engine.connect(place);
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

function placeOf(storage: Pick<StorageRecord, 'type' | 'name' | 'options'>): EnginePlace {
  return {
    principal: { tenantId: 'acme', userId: 'ann', role: 'dba' },
    namespace: { kind: 'namespace', name: 'sales', storage: storage.name, ownerId: 'ann', ...READY },
    storage: { kind: 'storage', ...storage, ...READY },
  };
}

interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

async function read(connection: EngineConnection, sql: string, parts: (Uint8Array | string)[] = []): Promise<Table> {
  const result = await connection.run({ sql, parameters: [], timeoutMs: 60_000 });
  const encoder = parquetFile.encoder(result.columns);
  parts.push(encoder.begin());
  const rows: Row[] = [];
  for await (const batch of result.batches()) {
    parts.push(...encoder.rows(batch));
    for (let row = 0; row < batch.rowCount; row += 1) rows.push(batch.values.map((column) => column[row] ?? null));
  }
  parts.push(...encoder.end());
  return { columns: result.columns, rows };
}

/** What DuckDB reads of the file that was made of what it gave. */
async function thereAndBack(sql: string): Promise<{ readonly before: Table; readonly after: Table; parts: number[] }> {
  const parts: Uint8Array[] = [];
  const before = await read(embedded, sql, parts);
  await writeFile(join(folder, 'acme', 'files', 'result.parquet'), Buffer.concat(parts));
  const connection = await engine.connect(
    placeOf({ type: 'parquet', name: `files_${Math.random()}`, options: { folder: 'files' } }),
  );
  const after = await read(connection, 'SELECT * FROM result');
  await connection.close();
  return { before, after, parts: parts.map(({ byteLength }) => byteLength) };
}

describe('a Parquet file', () => {
  it('has the types and values of the engine', async () => {
    const { before, after } = await thereAndBack(`SELECT * FROM (VALUES
      (true, -5::TINYINT, 7::SMALLINT, 70000::INTEGER, 9007199254740993::BIGINT, 200::UTINYINT, 60000::USMALLINT,
       4000000000::UINTEGER, 18446744073709551615::UBIGINT, 0.5::FLOAT, -1e300::DOUBLE, -12.34::DECIMAL(18,2),
       12345678901234567890123456789012345.678::DECIMAL(38,3), DATE '0044-03-15', TIMESTAMP '2024-02-29 12:00:00.250001',
       '2024-02-29 12:00:00.25+02'::TIMESTAMPTZ, 'xy'::BLOB, 'a "b", ü'),
      (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
      (false, 5, -7, -1, -1, 0, 0, 0, 0, -0.5, 0, 0, -0.001, DATE '1969-12-31', TIMESTAMP '1969-12-31 23:59:59.999999',
       '1969-12-31 23:59:59+00', ''::BLOB, ''))
      AS t(b, t, s, i, l, ut, us, ui, ul, f, d, money, big, day, moment, instant, bytes, "name, 'of' it")`);
    expect(after).toEqual(before);
  });

  it('has what Parquet has no exact type for as text', async () => {
    const { after } = await thereAndBack(`SELECT 170141183460469231731687303715884105727::HUGEINT AS h,
      [1, NULL] AS l, {'a': 1.50} AS s, INTERVAL 1 DAY AS i, uuid '6f8e1d0e-0000-4000-8000-000000000000' AS u`);
    expect(after.columns.map(({ type }) => type)).toEqual(Array.from({ length: 5 }, () => 'VARCHAR'));
    expect(after.rows).toEqual([
      [
        '170141183460469231731687303715884105727',
        '[1,null]',
        '{"a":"1.50"}',
        '1 day',
        '6f8e1d0e-0000-4000-8000-000000000000',
      ],
    ]);
  });

  it('has names of its own for columns of one name, and its columns where there are no rows', async () => {
    const { after } = await thereAndBack('SELECT 1 AS a, 2 AS a WHERE false');
    expect([after.columns.map(({ name }) => name), after.rows]).toEqual([['a', 'a_2'], []]);
  });

  it('is written in groups of rows, none of which is kept', async () => {
    const { before, after, parts } = await thereAndBack("SELECT range AS n, 'row ' || range AS name FROM range(40000)");
    expect(after).toEqual(before);
    const all = parts.reduce((sum, part) => sum + part, 0);
    expect(parts.filter((part) => part > 0).length).toBeGreaterThan(3);
    expect(Math.max(...parts)).toBeLessThan(all / 3);
  });

  it('is packed a column of a group at a time', async () => {
    const columns = Array.from({ length: 12 }, (_, index) => `range * ${index} AS c${index}`);
    const { before, after, parts } = await thereAndBack(`SELECT ${columns.join(', ')} FROM range(10240)`);
    expect(JSON.stringify(after.rows.map(String))).toBe(JSON.stringify(before.rows.map(String)));
    expect(parts.filter((part) => part > 0)).toHaveLength(1 + columns.length + 1);
  });
});
