import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import type { ConformanceHarness } from '@mooring/session-store-testkit';
import { createSqliteStore } from './index.ts';
import { PATIENT, storeFolder } from './store-folder.fixture.ts';
import type { StoreFolder } from './store-folder.fixture.ts';

const NO_WIRE = { reason: 'its operations stay in the process; faults.spec.ts has locks, a full disk and kill -9' };

/** Past the store, on a connection of its own. */
function direct<T>(file: string, work: (database: InstanceType<typeof DatabaseSync>) => T): T {
  const database = new DatabaseSync(file, { timeout: PATIENT.busyTimeoutMs });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function rowsIn(file: string, namespace: string): number {
  return direct(file, (database) => {
    const tables = database.prepare(`select m.name as name from sqlite_master m where m.type = 'table' and exists (
      select 1 from pragma_table_info(m.name) c where c.name = 'namespace')`);
    let rows = 0;
    for (const { name } of tables.all() as { name: string }[]) {
      const found = database.prepare(`select count(*) as rows from ${name} where namespace = ?`).get(namespace);
      rows += (found as { rows: number }).rows;
    }
    return rows;
  });
}

/** All bytes of the file and its log. What SQLite shares with other processes beside them holds no data. */
async function bytesIn(path: string): Promise<string> {
  const files = (await readdir(path)).filter((name) => !name.endsWith('-shm'));
  return (await Promise.all(files.map((name) => readFile(join(path, name), 'latin1')))).join('\n');
}

/** On the file of a folder, which is there when the tests run. */
export function sqliteHarness(folder: () => StoreFolder): ConformanceHarness {
  return {
    name: 'sqlite',
    capabilities: {
      clock: 'process',
      expiryResolutionMs: 1,
      listConsistency: 'strong',
      durable: true,
      shared: true,
      maxDataBytes: 262_144,
    },
    open: (options) => createSqliteStore({ file: folder().file, ...PATIENT, ...options }),
    raw: {
      dump: () => bytesIn(folder().path),
      size: async (namespace) => rowsIn(folder().file, namespace),
      damageSession: async (namespace, { tenantId, id }) => {
        direct(folder().file, (database) =>
          database
            .prepare(
              `update sessions set data = '{', retired_verifiers = '{' where namespace = ? and tenant_id = ? and id = ?`,
            )
            .run(namespace, tenantId, id),
        );
      },
      dropIndexEntry: { reason: 'a row and its places in the indexes change in one transaction' },
    },
    wire: NO_WIRE,
    faults: NO_WIRE,
    async pristine() {
      const fresh = await storeFolder();
      return {
        open: (options) => createSqliteStore({ file: fresh.file, ...PATIENT, ...options }),
        remove: () => fresh.remove(),
      };
    },
    logs: { reason: 'it writes no log' },
  };
}
