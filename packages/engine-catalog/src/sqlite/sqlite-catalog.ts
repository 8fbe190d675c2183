import type { SchemaVersion } from '@mooring/session-store/adapter';
import type { DurableCatalog } from '../durable-catalog.ts';
import { settingsOf } from './options.ts';
import type { SqliteCatalogOptions } from './options.ts';

/**
 * Opens the file, creating it and its tables when they are missing; several processes of a machine may do so at once. A
 * failure leaves nothing open: calling again starts afresh.
 *
 * @throws EngineError `misconfigured`, `unavailable`, `timeout`
 */
export async function createSqliteCatalog(options: SqliteCatalogOptions): Promise<DurableCatalog> {
  const settings = settingsOf(options);
  // Only now: whoever keeps the catalog elsewhere needs no SQLite.
  const { openCatalogFile } = await import('./catalog-file.ts');
  return openCatalogFile(settings);
}

/** At which version the tables of the file are; nothing is made or changed. @throws EngineError */
export async function inspectSqliteCatalog(options: SqliteCatalogOptions): Promise<SchemaVersion> {
  const settings = settingsOf(options);
  const { inspectCatalogFile } = await import('./catalog-file.ts');
  return inspectCatalogFile(settings);
}
