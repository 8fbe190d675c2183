import { query } from './file/connection.ts';
import type { Connection } from './file/connection.ts';
import { translate } from './errors.ts';
import { unlocked } from './file/lock-wait.ts';
import { misconfigured } from './options.ts';
import { MIGRATIONS } from './schema.ts';

/** Marks the file as one of this store, in its header (`application_id`). */
export const APPLICATION_ID = 0x4d4f4f52;

interface Header {
  readonly application_id: number;
  readonly user_version: number;
  readonly tables: number;
}

const HEADER = query<Header>(`select application_id, user_version, (select count(*) from sqlite_schema) as tables
  from pragma_application_id, pragma_user_version`);

/**
 * Brings the tables up to date. All processes may do so at once: they take the write lock first and look at the version
 * then. A file of another program, or of a newer version, is refused and stays as it is.
 */
export async function migrate(connection: Connection, busyTimeoutMs: number): Promise<void> {
  try {
    await unlocked(busyTimeoutMs, () => {
      connection.exec('begin immediate');
      try {
        apply(connection);
        connection.exec('commit');
      } finally {
        connection.rollback();
      }
    });
  } catch (cause) {
    throw translate('migrate', cause);
  }
}

function apply(connection: Connection): void {
  const header = headerOf(connection);
  if (header.application_id !== APPLICATION_ID && (header.tables > 0 || header.application_id !== 0)) {
    throw misconfigured('the file is the database of another program; choose a file of its own');
  }
  if (header.user_version > MIGRATIONS.length) {
    throw misconfigured('the file was written by a newer version of this store; update this process');
  }
  for (const migration of MIGRATIONS.slice(header.user_version)) connection.exec(migration);
  if (header.user_version < MIGRATIONS.length) {
    connection.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${MIGRATIONS.length}`);
  }
}

function headerOf(connection: Connection): Header {
  const header = connection.one(HEADER);
  return header ?? { application_id: 0, user_version: 0, tables: 0 };
}
