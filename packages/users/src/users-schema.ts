import type { SchemaVersion } from '@mooring/session-store/adapter';
import { Client } from 'pg';
import { translate } from './errors.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './schema-migrator.ts';

const CONNECT_MS = 10_000;

/** At which version the users' tables of a database are; nothing is changed. Rejects with a `UserDatabaseError`. */
export async function inspectUsers(url: string): Promise<SchemaVersion> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const there = await client.query('select 1 where to_regclass($1) is not null', [MIGRATIONS_TABLE]);
    const applied = there.rowCount === 0 ? there : await client.query(`select 1 from ${MIGRATIONS_TABLE}`);
    return { found: applied.rowCount ?? 0, wanted: MIGRATIONS.length };
  } catch (cause) {
    throw translate('inspect', cause);
  } finally {
    await client.end().catch(() => undefined);
  }
}
