import type { SchemaVersion } from '@mooring/session-store/adapter';
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
 * @returns the version that they were at, and the one that they are at
 * @throws EngineError
 */
export async function migrate(database: Database): Promise<SchemaVersion> {
  let found = 0;
  await database.alone(LONGEST_MS, async (client) => {
    found = await migrateOn(client);
  });
  return { found, wanted: MIGRATIONS.length };
}

/** At which version the tables are; nothing is changed. @throws EngineError */
export async function inspect(database: Database): Promise<SchemaVersion> {
  let found = 0;
  await database.alone(LONGEST_MS, async (client) => {
    const run = runOn(client);
    if (await hasMigrations(run)) found = await versionOf(run);
  });
  return { found, wanted: MIGRATIONS.length };
}

type Run = (text: string, values?: unknown[]) => Promise<readonly unknown[]>;

function runOn(client: PgClient): Run {
  return async (text, values) => (await client.query(values === undefined ? { text } : { text, values })).rows;
}

async function hasMigrations(run: Run): Promise<boolean> {
  const [row] = await run('select to_regclass($1) is not null as found', [MIGRATIONS_TABLE]);
  return (row as { found: boolean }).found;
}

async function versionOf(run: Run): Promise<number> {
  const [row] = await run(`select coalesce(max(version), 0)::text as version from ${MIGRATIONS_TABLE}`);
  return Number((row as { version: string }).version);
}

/** @returns the version before */
async function migrateOn(client: PgClient): Promise<number> {
  const run = runOn(client);
  await run(`begin;
    set local statement_timeout = 0;
    set local idle_in_transaction_session_timeout = 0;
    set local lock_timeout = ${LOCK_WAIT_MS}`);
  await run('select pg_advisory_xact_lock($1::bigint)', [LOCK]);
  // IF NOT EXISTS would take the right to create tables where there is nothing to create.
  if (!(await hasMigrations(run))) {
    await run(`create table ${MIGRATIONS_TABLE} (
      version integer primary key,
      applied_at timestamptz not null default now()
    )`);
  }
  const version = await versionOf(run);
  if (version > MIGRATIONS.length) {
    throw misconfigured('its tables are of a newer version; update this process');
  }
  for (const [index, text] of MIGRATIONS.slice(version).entries()) {
    await run(text);
    await run(`insert into ${MIGRATIONS_TABLE} (version) values ($1)`, [version + index + 1]);
  }
  await run('commit');
  return version;
}
