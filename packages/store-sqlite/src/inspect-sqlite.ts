import type { SchemaVersion } from '@mooring/session-store/adapter';
import { translate } from './errors.ts';
import { inspectFile } from './file/file-schema.ts';
import { requireFolder } from './file/private-file.ts';
import { DEFAULTS } from './options.ts';
import type { SqliteStoreOptions } from './options.ts';
import { SCHEMA } from './schema.ts';

/** At which version the tables of a file are; nothing is made or changed. Rejects with a `StoreError`. */
export async function inspectSqlite({
  file,
  busyTimeoutMs = DEFAULTS.busyTimeoutMs,
}: Pick<SqliteStoreOptions, 'file' | 'busyTimeoutMs'>): Promise<SchemaVersion> {
  try {
    requireFolder(file);
    return await inspectFile(file, SCHEMA, busyTimeoutMs);
  } catch (cause) {
    throw translate('inspect', cause);
  }
}
