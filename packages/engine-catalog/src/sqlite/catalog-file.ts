import type { SchemaVersion } from '@mooring/session-store/adapter';
import { Connection, inspectFile, migrateFile, preparedFile, query, unlocked } from '@mooring/store-sqlite/file';
import { TableCatalog } from '../durable-catalog.ts';
import type { DurableCatalog } from '../durable-catalog.ts';
import { misconfigured } from '../errors.ts';
import { translate } from './errors.ts';
import type { SqliteCatalogSettings } from './options.ts';
import { SCHEMA } from './schema.ts';
import { SqliteTables } from './sqlite-tables.ts';

const NAMES = { catalog: 'catalog', audit: 'audit_log' };
const WAL_MODE = query<{ journal_mode: string }>('pragma journal_mode = wal');

/** @throws EngineError `misconfigured`, `unavailable`, `timeout` */
export async function openCatalogFile({
  file: path,
  busyTimeoutMs,
  onMigrated,
}: SqliteCatalogSettings): Promise<DurableCatalog> {
  let connection: Connection | undefined;
  try {
    const file = preparedFile(path);
    const opened = (connection = new Connection(file));
    await unlocked(busyTimeoutMs, () => inWalMode(opened));
    const version = await migrateFile(opened, SCHEMA, busyTimeoutMs);
    if (version.found < version.wanted) onMigrated?.(version);
    return new TableCatalog(new SqliteTables(opened, file, busyTimeoutMs), NAMES);
  } catch (cause) {
    connection?.close();
    throw translate(cause);
  }
}

/** At which version the tables are; a file that is not there is not made. @throws EngineError */
export async function inspectCatalogFile({ file, busyTimeoutMs }: SqliteCatalogSettings): Promise<SchemaVersion> {
  try {
    return await inspectFile(file, SCHEMA, busyTimeoutMs);
  } catch (cause) {
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
  if (connection.one(WAL_MODE)?.journal_mode !== 'wal') {
    throw misconfigured('the file can not be put into WAL mode on this disk');
  }
}
