import { TableCatalog } from '../durable-catalog.ts';
import type { DurableCatalog } from '../durable-catalog.ts';
import { misconfigured } from '../errors.ts';
import type { Connection } from './connection.ts';
import { translate } from './errors.ts';
import { unlocked } from './lock-wait.ts';
import { settingsOf } from './options.ts';
import type { SqliteCatalogOptions } from './options.ts';
import { preparedFile } from './private-file.ts';
import { migrate } from './schema-migrator.ts';
import { SqliteTables } from './sqlite-tables.ts';

const NAMES = { catalog: 'catalog', audit: 'audit_log' };

/**
 * Opens the file, creating it and its tables when they are missing; several processes of a machine may do so at once. A
 * failure leaves nothing open: calling again starts afresh.
 *
 * @throws EngineError `misconfigured`, `unavailable`, `timeout`
 */
export async function createSqliteCatalog(options: SqliteCatalogOptions): Promise<DurableCatalog> {
  const { file: path, busyTimeoutMs } = settingsOf(options);
  const file = preparedFile(path);
  let connection: Connection | undefined;
  try {
    // Only now: whoever keeps the catalog elsewhere needs no SQLite.
    const driver = await import('./connection.ts');
    const opened = (connection = new driver.Connection(file));
    await unlocked(busyTimeoutMs, () => inWalMode(opened));
    await migrate(opened, busyTimeoutMs);
    return new TableCatalog(new SqliteTables(opened, file, busyTimeoutMs), NAMES);
  } catch (cause) {
    connection?.close();
    throw translate(cause);
  }
}

/** `synchronous = full`: each acknowledged change survives a power failure. */
function inWalMode(connection: Connection): void {
  connection.exec(`
    pragma trusted_schema = off;
    pragma cell_size_check = on;
    pragma temp_store = memory;
    pragma synchronous = full;
    pragma journal_size_limit = 16777216;
  `);
  if (connection.one('pragma journal_mode = wal')?.['journal_mode'] !== 'wal') {
    throw misconfigured('its file can not be put into WAL mode on this disk');
  }
}
