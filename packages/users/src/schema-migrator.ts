import { DataSource } from 'typeorm';
import type { Logger } from 'typeorm';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import { translate } from './errors.ts';
import { Users1763800000001 } from './migrations/1763800000001-users.ts';

/** Apart from the session store's, which may be in the same database. */
export const MIGRATIONS_TABLE = 'mooring_user_migrations';

export const MIGRATIONS = [Users1763800000001];

/** Any number that is the same in all processes: they migrate one after the other. */
const LOCK = 7_663_714_649;
const LOCK_WAIT_MS = 60_000;
const CONNECT_MS = 10_000;

/**
 * Brings the users' schema up to date. All processes may call it at once: each waits on an advisory lock, and its
 * connection, with it the lock, is closed afterwards, whatever happened.
 *
 * @returns the version that it was at, and the one that it is at
 */
export async function migrate(url: string): Promise<SchemaVersion> {
  const wanted = MIGRATIONS.length;
  let found = wanted;
  await onLockedConnection(url, async (dataSource) => {
    found -= (await dataSource.runMigrations({ transaction: 'all' })).length;
  });
  return { found, wanted };
}

/** Takes back all migrations, and the users with them. */
export async function revert(url: string): Promise<void> {
  await onLockedConnection(url, async (dataSource) => {
    for (const _ of dataSource.migrations) await dataSource.undoLastMigration({ transaction: 'all' });
  });
}

async function onLockedConnection(url: string, work: (dataSource: DataSource) => Promise<void>): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [],
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
    installExtensions: false,
    connectTimeoutMS: CONNECT_MS,
    logger: SILENT,
  });
  try {
    await dataSource.initialize();
    const lock = dataSource.createQueryRunner();
    try {
      await lock.query(`set lock_timeout = ${LOCK_WAIT_MS}`);
      await lock.query('select pg_advisory_lock($1::bigint)', [LOCK]);
      await work(dataSource);
    } finally {
      await lock.release();
    }
  } catch (cause) {
    throw translate('migrate', cause);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

/** TypeORM prints failures of migrations whatever `logging` says; they are thrown, so nobody needs them twice. */
const SILENT: Logger = {
  logQuery: ignore,
  logQueryError: ignore,
  logQuerySlow: ignore,
  logSchemaBuild: ignore,
  logMigration: ignore,
  log: ignore,
};

function ignore(): void {}
