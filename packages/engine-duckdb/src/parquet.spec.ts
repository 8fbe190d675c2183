import { mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection, EnginePlace } from '@mooring/engine';
import { EngineWorld, answer, failureOf, placeOf, rowsOf, storageOf } from './engine.fixture.ts';
import type { DuckdbEngine } from './index.ts';

const world = new EngineWorld();
let parquetFolder: string;
let engine: DuckdbEngine;
let connection: EngineConnection;

const placeIn = (tenantId: string, folder: string, namespace = 'lake'): EnginePlace =>
  placeOf(tenantId, namespace, storageOf(tenantId, { name: 'files', type: 'parquet', options: { folder } }));

async function writeParquet(file: string, sql: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const instance = await DuckDBInstance.create(':memory:');
  const own = await instance.connect();
  await own.run(`COPY (${sql}) TO '${file}'`);
  own.closeSync();
  instance.closeSync();
}

beforeAll(async () => {
  parquetFolder = await world.folder();
  await writeParquet(join(parquetFolder, 'acme/air/airports.parquet'), "SELECT 'VIE' AS code, 48.1 AS latitude");
  await writeParquet(join(parquetFolder, 'acme/air/flights/year=2023/a.parquet'), 'SELECT 1 AS id');
  await writeParquet(join(parquetFolder, 'acme/air/flights/year=2024/b.parquet'), 'SELECT 2 AS id');
  await writeParquet(join(parquetFolder, 'other/air/secret.parquet'), 'SELECT 3 AS id');
  await mkdir(join(parquetFolder, 'acme/air/notes'));
  engine = await world.engine({ parquetFolder });
  await engine.createNamespace(placeIn('acme', 'air'));
  connection = await engine.connect(placeIn('acme', 'air'));
});
afterAll(() => world.close());

describe('a Parquet storage', () => {
  it('shows its files and folders as tables', async () => {
    expect(await rowsOf(connection, 'SELECT code FROM airports')).toEqual([['VIE']]);
    expect(await rowsOf(connection, 'SELECT id, year FROM flights ORDER BY id')).toEqual([
      [1, 2023n],
      [2, 2024n],
    ]);
    const tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'lake' ORDER BY 1";
    expect(await rowsOf(connection, tables)).toEqual([['airports'], ['flights']]);
  });

  it('shows them in each of its namespaces, without making these first after a restart', async () => {
    const other = await engine.connect(placeIn('acme', 'air', 'pond'));
    expect(await rowsOf(other, 'SELECT count(*) FROM flights JOIN lake.airports ON true')).toEqual([[2n]]);
    await other.close();
  });

  it('takes temporary tables, and no others', async () => {
    await answer(connection, 'CREATE TEMP TABLE mine AS FROM flights');
    expect((await answer(connection, 'DELETE FROM mine WHERE id = 1')).rowsAffected).toBe(1);
    await answer(connection, 'DROP TABLE mine');
    for (const sql of [
      'CREATE TABLE t (i INTEGER)',
      'DROP VIEW flights',
      'DROP SCHEMA lake CASCADE',
      'ALTER VIEW flights RENAME TO x',
    ]) {
      expect(await failureOf(answer(connection, sql))).toMatchObject({ code: 'unsupported_statement' });
    }
    await failureOf(answer(connection, 'INSERT INTO flights VALUES (1, 2)'));
    await failureOf(answer(connection, 'DROP TABLE flights'));
    expect(await rowsOf(connection, 'SELECT count(*) FROM flights')).toEqual([[2n]]);
  });

  it('reaches no other folder, and writes to none', async () => {
    const inside = join(parquetFolder, 'acme/air');
    const before = await readdir(parquetFolder, { recursive: true });
    for (const sql of [
      `SELECT * FROM '${parquetFolder}/other/air/secret.parquet'`,
      `SELECT * FROM '${inside}/../../other/air/secret.parquet'`,
      `SELECT * FROM read_parquet('${inside}/airports.parquet')`,
      `COPY airports TO '${inside}/x.parquet'`,
      `EXPLAIN ANALYZE COPY airports TO '${inside}/x.parquet'`,
      `ATTACH '${inside}/x.duckdb' AS x`,
      `EXPORT DATABASE '${inside}/x'`,
      'SELECT * FROM secret',
    ]) {
      await failureOf(answer(connection, sql));
    }
    expect(await readdir(parquetFolder, { recursive: true })).toEqual(before);
  });

  it('keeps its files when its namespace is dropped', async () => {
    await engine.createNamespace(placeIn('acme', 'air', 'gone'));
    await engine.dropNamespace(placeIn('acme', 'air', 'gone'));
    expect(await rowsOf(connection, 'SELECT count(*) FROM flights')).toEqual([[2n]]);
  });

  it.each([
    ['of nothing', {}],
    ['that is absolute', { folder: '/etc' }],
    ['above', { folder: '../other/air' }],
    ['above, further down', { folder: 'air/../../other' }],
    ['that is not there', { folder: 'nowhere' }],
    ['that is a file', { folder: 'air/airports.parquet' }],
    ['by a link out', { folder: 'link' }],
    ['with other options', { folder: 'air', key: 'x' }],
  ])('of a folder %s is refused', async (_, options) => {
    await symlink(join(parquetFolder, 'other'), join(parquetFolder, 'acme/link')).catch(() => undefined);
    const storage = storageOf('acme', { name: 'bad', type: 'parquet', options });
    const error = await failureOf(engine.checkStorage(storage));
    expect(error).toMatchObject({ code: 'invalid_storage' });
    expect(error.message).not.toContain(parquetFolder);
  });

  it('is refused where the engine has no folder for them, and so are other types and options', async () => {
    const own = await world.engine();
    for (const storage of [
      storageOf('acme', { type: 'parquet', options: { folder: 'air' } }),
      storageOf('acme', { type: 'redshift' }),
      storageOf('acme', { options: { file: '/tmp/x' } }),
    ]) {
      expect(await failureOf(own.checkStorage(storage))).toMatchObject({ code: 'invalid_storage' });
    }
  });
});
