import type { SchemaVersion } from '@mooring/session-store/adapter';
import { translate } from './errors.ts';
import type { Connection } from './file/connection.ts';
import { migrateFile } from './file/file-schema.ts';
import { SCHEMA } from './schema.ts';

/** @returns the version that the tables were at, and the one that they are at. Rejects with a `StoreError`. */
export async function migrate(connection: Connection, busyTimeoutMs: number): Promise<SchemaVersion> {
  try {
    return await migrateFile(connection, SCHEMA, busyTimeoutMs);
  } catch (cause) {
    throw translate('migrate', cause);
  }
}
