import { query, unlocked } from '@mooring/store-sqlite/file';
import type { Connection } from '@mooring/store-sqlite/file';
import { misconfigured } from '../errors.ts';
import { MIGRATIONS } from './schema.ts';

/** Marks the file as a catalog, in its header (`application_id`): "MCAT". */
const APPLICATION_ID = 0x4d434154;

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
 *
 * @throws EngineError `misconfigured`, or what SQLite threw
 */
export async function migrate(connection: Connection, busyTimeoutMs: number): Promise<void> {
  await unlocked(busyTimeoutMs, () => {
    connection.exec('begin immediate');
    try {
      apply(connection);
      connection.exec('commit');
    } finally {
      connection.rollback();
    }
  });
}

function apply(connection: Connection): void {
  const { application_id: application = 0, user_version: version = 0, tables = 0 } = connection.one(HEADER) ?? {};
  if (application !== APPLICATION_ID && (tables > 0 || application !== 0)) {
    throw misconfigured('the file is the database of another program; choose a file of its own');
  }
  if (version > MIGRATIONS.length) throw misconfigured('the file is of a newer version; update this process');
  if (version === MIGRATIONS.length) return;
  for (const migration of MIGRATIONS.slice(version)) connection.exec(migration);
  connection.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${MIGRATIONS.length}`);
}
