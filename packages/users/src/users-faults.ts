import { UserDatabaseError } from './errors.ts';
import { UserDatabase } from './user-database.ts';
import type { UserDatabaseOptions } from './user-database.ts';

/** What is in the way of a start, as a fault of the configuration. */
export interface UsersFault {
  readonly variable: 'DATABASE_URL';
  readonly problem: string;
  readonly remedy: string;
}

/** Opens the users' database and closes it again. */
export async function usersFaults(options: UserDatabaseOptions): Promise<UsersFault[]> {
  try {
    await (await UserDatabase.open(options)).close();
    return [];
  } catch (error) {
    if (!(error instanceof UserDatabaseError)) throw error;
    const remedy =
      error.code === 'unavailable'
        ? 'Start the server, or correct its address'
        : 'Correct the user, the password or the name, or give the user the rights to create tables';
    return [{ variable: 'DATABASE_URL', problem: `${new URL(options.url).host}: ${error.message}`, remedy }];
  }
}
