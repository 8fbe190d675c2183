import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import { Connection, query } from './connection.ts';
import { unlocked } from './lock-wait.ts';
import { UnusableFile } from './private-file.ts';

/** What a file holds: entry n of the migrations makes version n + 1. */
export interface FileSchema {
  /** Marks the file as one of its owner, in its header (`application_id`). */
  readonly applicationId: number;
  readonly migrations: readonly string[];
}

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
 * @returns the version that they were at, and the one that they are at
 * @throws UnusableFile, or what SQLite threw
 */
export async function migrateFile(
  connection: Connection,
  schema: FileSchema,
  busyTimeoutMs: number,
): Promise<SchemaVersion> {
  const found = await unlocked(busyTimeoutMs, () => {
    connection.exec('begin immediate');
    try {
      const version = apply(connection, schema);
      connection.exec('commit');
      return version;
    } finally {
      connection.rollback();
    }
  });
  return { found, wanted: schema.migrations.length };
}

/** Looks at a file and makes none. @throws UnusableFile, or what SQLite threw */
export async function inspectFile(path: string, schema: FileSchema, busyTimeoutMs: number): Promise<SchemaVersion> {
  const wanted = schema.migrations.length;
  const file = resolve(path);
  if (!existsSync(file)) return { found: 0, wanted };
  const connection = new Connection(file);
  try {
    return { found: await unlocked(busyTimeoutMs, () => versionOf(connection, schema)), wanted };
  } finally {
    connection.close();
  }
}

/** @returns the version before */
function apply(connection: Connection, schema: FileSchema): number {
  const { applicationId, migrations } = schema;
  const version = versionOf(connection, schema);
  if (version > migrations.length) throw new UnusableFile('the file is of a newer version; update this process');
  if (version === migrations.length) return version;
  for (const migration of migrations.slice(version)) connection.exec(migration);
  connection.exec(`pragma application_id = ${applicationId}; pragma user_version = ${migrations.length}`);
  return version;
}

function versionOf(connection: Connection, { applicationId }: FileSchema): number {
  const { application_id: application = 0, user_version: version = 0, tables = 0 } = connection.one(HEADER) ?? {};
  if (application !== applicationId && (tables > 0 || application !== 0)) {
    throw new UnusableFile('the file is the database of another program; choose a file of its own');
  }
  return version;
}
