import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Connection } from './file/connection.ts';
import { query } from './file/connection.ts';
import { settingsOf } from './options.ts';
import { migrate } from './schema-migrator.ts';
import { openStoreFile } from './store-file.ts';
import type { StoreFile } from './store-file.ts';
import { PATIENT, storeFolder } from './store-folder.fixture.ts';
import type { StoreFolder } from './store-folder.fixture.ts';

let folder: StoreFolder;
let file: StoreFile | undefined;
beforeEach(async () => {
  folder = await storeFolder();
});
afterEach(async () => {
  file?.connection.close();
  await folder.remove();
});

function pragma(connection: Connection, name: string): unknown {
  return Object.values(connection.one(query<object>(`pragma ${name}`)) ?? {})[0];
}

async function opened(synchronous: 'full' | 'normal'): Promise<Connection> {
  file = await openStoreFile(settingsOf({ file: folder.file, namespace: 'n', synchronous, ...PATIENT }));
  return file.connection;
}

it.each([
  ['full', 2],
  ['normal', 1],
] as const)('synchronous %s is what SQLite does', async (synchronous, level) => {
  const connection = await opened(synchronous);
  expect(pragma(connection, 'synchronous')).toBe(level);
  expect(pragma(connection, 'journal_mode')).toBe('wal');
  expect(pragma(connection, 'busy_timeout')).toBe(0);
  expect(pragma(connection, 'trusted_schema')).toBe(0);
  expect(pragma(connection, 'secure_delete')).toBe(2);
  await migrate(connection, PATIENT.busyTimeoutMs);
  expect(pragma(connection, 'auto_vacuum')).toBe(2);
});

it('migrating again changes nothing', async () => {
  const connection = await opened('full');
  await migrate(connection, PATIENT.busyTimeoutMs);
  const version = pragma(connection, 'schema_version');
  await migrate(connection, PATIENT.busyTimeoutMs);
  expect(pragma(connection, 'schema_version')).toBe(version);
});

// SQLite 3.7.0 to 3.51.2 can damage a file that several processes write and checkpoint (sqlite.org/wal.html#walresetbug).
it('the driver brings a SQLite without the WAL-reset bug', async () => {
  const connection = await opened('full');
  const version = connection.one(query<{ version: string }>('select sqlite_version() as version'))?.version ?? '';
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  expect(major * 1_000_000 + minor * 1000 + patch).toBeGreaterThanOrEqual(3_051_003);
});
