import { Pool } from 'pg';
import { TableCatalog } from '../durable-catalog.ts';
import type { DurableCatalog } from '../durable-catalog.ts';
import { Database } from './database.ts';
import { settingsOf } from './options.ts';
import type { PgPool, PostgresCatalogOptions, PostgresCatalogSettings } from './options.ts';
import { PostgresTables } from './postgres-tables.ts';
import { migrate } from './schema-migrator.ts';

const NAMES = { catalog: 'mooring_catalog', audit: 'mooring_audit_log' };
/** The pool's own limit ends after the catalog's, so that it is the catalog that says what was waited for. */
const POOL_MARGIN_MS = 250;

/**
 * Opens the catalog and brings its tables up to date (unless `migrate` is false); several processes may do so at once. A
 * failure leaves nothing open: calling again starts afresh.
 *
 * @throws EngineError `misconfigured`, `unavailable`, `timeout`, `too_busy`
 */
export async function createPostgresCatalog(options: PostgresCatalogOptions): Promise<DurableCatalog> {
  const settings = settingsOf(options);
  const { pool, release } = connectionsOf(settings);
  const database = new Database(pool, settings);
  const catalog = new TableCatalog(new PostgresTables(database, release), NAMES);
  try {
    if (settings.migrate) await migrate(database);
    return catalog;
  } catch (error) {
    await catalog.close();
    throw error;
  }
}

function connectionsOf(settings: PostgresCatalogSettings): { pool: PgPool; release: () => Promise<void> } {
  if (settings.pool !== undefined) return { pool: settings.pool, release: async () => {} };
  const pool = new Pool({
    connectionString: settings.url,
    max: settings.poolSize,
    connectionTimeoutMillis: settings.connectionTimeoutMs + POOL_MARGIN_MS,
    statement_timeout: settings.statementTimeoutMs,
    idle_in_transaction_session_timeout: settings.statementTimeoutMs,
    application_name: settings.applicationName,
    keepAlive: true,
  });
  return { pool, release: () => pool.end() };
}
