import type { SchemaVersion } from '@mooring/session-store/adapter';
import { openPool } from '@mooring/store-postgres/client';
import type { PgPool } from '@mooring/store-postgres/client';
import { TableCatalog } from '../durable-catalog.ts';
import type { DurableCatalog } from '../durable-catalog.ts';
import { Database } from './database.ts';
import { settingsOf } from './options.ts';
import type { PostgresCatalogOptions, PostgresCatalogSettings } from './options.ts';
import { PostgresTables } from './postgres-tables.ts';
import { inspect, migrate } from './schema-migrator.ts';

const NAMES = { catalog: 'mooring_catalog', audit: 'mooring_audit_log' };

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
    if (!settings.migrate) return catalog;
    const version = await migrate(database);
    if (version.found < version.wanted) settings.onMigrated?.(version);
    return catalog;
  } catch (error) {
    await catalog.close();
    throw error;
  }
}

/** At which version the tables of the database are; nothing is changed. @throws EngineError */
export async function inspectPostgresCatalog(options: Pick<PostgresCatalogOptions, 'url'>): Promise<SchemaVersion> {
  const settings = settingsOf({ ...options, poolSize: 1 });
  const { pool, release } = connectionsOf(settings);
  try {
    return await inspect(new Database(pool, settings));
  } finally {
    await release();
  }
}

function connectionsOf(settings: PostgresCatalogSettings): { pool: PgPool; release: () => Promise<void> } {
  if (settings.pool !== undefined) return { pool: settings.pool, release: async () => {} };
  const pool = openPool({ ...settings, url: settings.url ?? '' });
  return { pool, release: () => pool.end() };
}
