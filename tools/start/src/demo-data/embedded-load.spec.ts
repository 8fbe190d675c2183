import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBValue } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadEmbeddedData } from './embedded-load.ts';

const neverAborted = new AbortController().signal;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-embedded-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fileOf = (tenant: string): string => join(folder, tenant, 'embedded', 'tenant-data.duckdb');

async function ask(tenant: string, ...statements: readonly string[]): Promise<DuckDBValue[][]> {
  const instance = await DuckDBInstance.create(fileOf(tenant));
  const connection = await instance.connect();
  try {
    let rows: DuckDBValue[][] = [];
    for (const sql of statements) rows = (await connection.runAndReadAll(sql)).getRowsJson() as DuckDBValue[][];
    return rows;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe('loadEmbeddedData', () => {
  it('leaves no database behind when it is interrupted', async () => {
    const aborted = AbortSignal.abort(new Error('stop'));
    await expect(loadEmbeddedData(folder, ['acme'], 1000, aborted)).rejects.toThrow('stop');
    expect(await readdir(folder)).toEqual([]);
  });

  it('makes a database for each tenant, with rows that join', async () => {
    await loadEmbeddedData(folder, ['acme', 'globex'], 5000, neverAborted);
    expect((await readdir(folder)).sort()).toEqual(['acme', 'globex']);
    for (const tenant of ['acme', 'globex']) {
      expect(await readdir(join(folder, tenant, 'embedded'))).toEqual(['tenant-data.duckdb']);
    }
    const first = await ask('globex', 'select * from local.flights limit 1');
    expect(first).toEqual([['2001-01-01 00:01:00', 33, 2176, 'LAS', 'PHL']]);
    const joined = `select count(*)::integer from local.flights f
      join local.airports a on a.iata = f.origin join local.airports b on b.iata = f.destination`;
    expect(await ask('acme', joined)).toEqual([[5000]]);
    expect(await ask('acme', 'select count(*)::integer, count(state)::integer from local.airports')).toEqual([
      [3376, 3364],
    ]);
  });

  it('keeps a database that is there, and makes one that is not', async () => {
    await ask('acme', "delete from local.flights where origin = 'LAS'");
    const [before] = await ask('acme', 'select count(*)::integer from local.flights');
    await rm(join(folder, 'globex'), { recursive: true });
    await loadEmbeddedData(folder, ['acme', 'globex'], 1000, neverAborted);
    expect(await ask('acme', 'select count(*)::integer from local.flights')).toEqual([before]);
    expect(await ask('globex', 'select count(*)::integer from local.flights')).toEqual([[1000]]);
  });

  it('has nothing to do where all are there', async () => {
    const onLoad = (): never => {
      throw new Error('loads');
    };
    await loadEmbeddedData(folder, ['acme', 'globex'], 1000, neverAborted, onLoad);
  });
});
