import type { PgClient } from '@mooring/store-postgres/client';
import { misconfigured } from '../errors.ts';
import type { Database } from './database.ts';
import { MIGRATIONS } from './migrations.ts';

export const MIGRATIONS_TABLE = 'mooring_catalog_migrations';

/** Any number that is the same in all processes, and not the session store's. */
const LOCK = 7_663_714_647;
const LOCK_WAIT_MS = 60_000;
const LONGEST_MS = 120_000;

/**
 * Brings the tables up to date. All processes may do so at once: they take an advisory lock first and look at the version
 * then, in one transaction on a connection that is closed afterwards.
 *
 * @throws EngineError
 */
export async function migrate(database: Database): Promise<void> {
  await database.alone(LONGEST_MS, migrateOn);
}

async function migrateOn(client: PgClient): Promise<void> {
  const run = async (text: string, values?: unknown[]): Promise<readonly unknown[]> =>
    (await client.query(values === undefined ? { text } : { text, values })).rows;
  await run(`begin;
    set local statement_timeout = 0;
    set local idle_in_transaction_session_timeout = 0;
    set local lock_timeout = ${LOCK_WAIT_MS}`);
  await run('select pg_advisory_xact_lock($1::bigint)', [LOCK]);
  // IF NOT EXISTS would take the right to create tables where there is nothing to create.
  const [{ found }] = (await run('select to_regclass($1) is not null as found', [MIGRATIONS_TABLE])) as [
    { found: boolean },
  ];
  if (!found) {
    await run(`create table ${MIGRATIONS_TABLE} (
      version integer primary key,
      applied_at timestamptz not null default now()
    )`);
  }
  const [row] = await run(`select coalesce(max(version), 0)::text as version from ${MIGRATIONS_TABLE}`);
  const version = Number((row as { version: string }).version);
  if (version > MIGRATIONS.length) {
    throw misconfigured('its tables are of a newer version; update this process');
  }
  for (const [index, text] of MIGRATIONS.slice(version).entries()) {
    await run(text);
    await run(`insert into ${MIGRATIONS_TABLE} (version) values ($1)`, [version + index + 1]);
  }
  await run('commit');
}
