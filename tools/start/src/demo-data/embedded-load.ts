import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { EMBEDDED_NAMESPACE } from './namespaces.ts';
import { findDataSource, TABLES } from './tables.ts';
import type { DataSource } from './tables.ts';

/** Where the embedded engine keeps a tenant's own storage: docs/adapters/duckdb.md, Schema. */
const DATABASE = join('embedded', 'tenant-data.duckdb');

/**
 * Makes a DuckDB database with flights and airports for each tenant that has none yet. Nobody else may have the folder
 * open. A database that is there stays as it is.
 * @param folder of the embedded engine's data
 * @param flights the most flights to load
 * @param onLoad called when there is something to load
 */
export async function loadEmbeddedData(
  folder: string,
  tenants: readonly string[],
  flights: number,
  signal: AbortSignal,
  onLoad: () => void = () => undefined,
): Promise<void> {
  const missing = tenants.map((tenant) => join(folder, tenant, DATABASE)).filter((file) => !existsSync(file));
  if (missing.length === 0) return;
  onLoad();
  const made = join(folder, 'loading.duckdb');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await rm(made, { force: true });
    await makeDatabase(made, flights, signal);
    for (const file of missing) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await copyFile(made, `${file}.loading`);
      await rename(`${file}.loading`, file);
    }
  } finally {
    for (const left of [made, `${made}.wal`]) await rm(left, { force: true });
  }
}

async function makeDatabase(file: string, flights: number, signal: AbortSignal): Promise<void> {
  // A native library, which only the first start needs.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(file, { memory_limit: '512MB' });
  const connection = await instance.connect();
  const interrupt = (): void => connection.interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    signal.throwIfAborted();
    await fill(connection, await findDataSource(), flights);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
  }
  signal.throwIfAborted();
}

async function fill(connection: DuckDBConnection, source: DataSource, flights: number): Promise<void> {
  await connection.run(`create schema ${EMBEDDED_NAMESPACE}`);
  await connection.run(`use ${EMBEDDED_NAMESPACE}`);
  for (const [name, columns] of Object.entries(TABLES)) await connection.run(`create table ${name} (${columns})`);
  await connection.run(
    "insert into airports from read_csv($file, header = true, nullstr = 'NA', all_varchar = true, quote = '\"')",
    { file: source.airports },
  );
  await connection.run(
    `insert into flights select date, delay, distance, origin, destination from read_parquet($file) limit $flights`,
    { file: source.flights, flights },
  );
}
