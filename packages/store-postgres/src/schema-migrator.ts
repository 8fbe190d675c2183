import { DataSource } from 'typeorm';
import type { Logger } from 'typeorm';
import { translate } from './errors.ts';
import { migrations } from './migrations/index.ts';
import type { PgClient, PgPool } from './open-pool.ts';

export const MIGRATIONS_TABLE = 'mooring_migrations';

/** Any number that is the same in all processes: the migrations of one database run one after the other. */
const LOCK = 7_663_714_646;
const LOCK_WAIT_MS = 60_000;

/**
 * Brings the schema up to date, and answers the names of the migrations that this took. All processes may call it at once: one connection takes an advisory lock and TypeORM
 * runs on that very connection, which is closed afterwards; with it go the lock and its settings, whatever happened.
 */
export async function migrate(pool: PgPool): Promise<readonly string[]> {
  return onLockedConnection(pool, async (dataSource) => {
    const run = await dataSource.runMigrations({ transaction: 'all' });
    return run.map(({ name }) => name);
  });
}

/** Takes back the last `steps` migrations, and the data of their tables with them. */
export async function revert(pool: PgPool, steps: number): Promise<void> {
  await onLockedConnection(pool, async (dataSource) => {
    for (let step = 0; step < steps; step += 1) await dataSource.undoLastMigration({ transaction: 'all' });
  });
}

async function onLockedConnection<T>(pool: PgPool, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  let client: PgClient | undefined;
  try {
    client = await pool.connect();
    client.on('error', ignore);
    await client.query(`set statement_timeout = 0`);
    await client.query(`set lock_timeout = ${LOCK_WAIT_MS}`);
    await client.query('select pg_advisory_lock($1::bigint)', [LOCK]);
    const dataSource = new DataSource({
      type: 'postgres',
      driver: { Pool: poolOfOne(client) },
      entities: [],
      migrations,
      migrationsTableName: MIGRATIONS_TABLE,
      installExtensions: false,
      logger: SILENT,
    });
    await dataSource.initialize();
    try {
      return await work(dataSource);
    } finally {
      await dataSource.destroy();
    }
  } catch (cause) {
    throw translate('migrate', cause, client !== undefined).error;
  } finally {
    client?.release(true);
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

type Connected = (error: Error | undefined, client: PgClient, release: () => void) => void;

/** What TypeORM sees as a `pg` Pool: always this connection, never closed by it. */
function poolOfOne(client: PgClient) {
  return class {
    connect(connected: Connected): void {
      connected(undefined, client, ignore);
    }
    end(ended: () => void): void {
      ended();
    }
    on(): this {
      return this;
    }
  };
}

function ignore(): void {}
