import { schemaTrouble } from '@mooring/session-store/adapter';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import { UserDatabaseError } from './errors.ts';
import { UserDatabase } from './user-database.ts';
import type { UserDatabaseOptions } from './user-database.ts';
import { inspectUsers } from './users-schema.ts';

/** What is in the way of a start, as a fault of the configuration. */
export interface UsersFault {
  readonly variable: 'DATABASE_URL';
  /** Set where the database is there, and only the users' tables are not as they must be. */
  readonly part?: string;
  readonly problem: string;
  readonly remedy: string;
}

const VARIABLE = 'DATABASE_URL';
const PART = 'users';
const LACKS_PRIVILEGE = '42501';

/** Opens the users' database and closes it again. */
export async function usersFaults(options: UserDatabaseOptions): Promise<UsersFault[]> {
  try {
    await (await UserDatabase.open(options)).close();
    return [];
  } catch (error) {
    if (!(error instanceof UserDatabaseError)) throw error;
    const version = error.sqlState === LACKS_PRIVILEGE ? await versionAt(options) : undefined;
    const trouble = version === undefined ? undefined : schemaTrouble(PART, version);
    if (trouble !== undefined) return [{ variable: VARIABLE, part: PART, ...trouble }];
    const remedy =
      error.code === 'unavailable'
        ? 'Start the server, or correct its address'
        : 'Correct the user, the password or the name, or give the user the rights to create tables';
    return [{ variable: VARIABLE, problem: `${new URL(options.url).host}: ${error.message}`, remedy }];
  }
}

async function versionAt({ url }: UserDatabaseOptions): Promise<SchemaVersion | undefined> {
  try {
    return await inspectUsers(url);
  } catch {
    return undefined;
  }
}
