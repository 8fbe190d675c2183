import { translate } from './errors.ts';
import type { Connection } from './file/connection.ts';
import { migrateFile } from './file/file-schema.ts';
import { SCHEMA } from './schema.ts';

/** Rejects with a `StoreError`. */
export async function migrate(connection: Connection, busyTimeoutMs: number): Promise<void> {
  try {
    await migrateFile(connection, SCHEMA, busyTimeoutMs);
  } catch (cause) {
    throw translate('migrate', cause);
  }
}
