import type { OnApplicationShutdown } from '@nestjs/common';
import type { UserDirectory } from '@mooring/engine';
import { UserDatabase, Users } from '@mooring/users';
import type { UserDatabaseOptions } from '@mooring/users';
import type { QueryApiConfig } from '../config.ts';
import { ConfiguredUsers } from './configured-users.ts';
import { StoredUsers } from './stored-users.ts';

/** Users are looked for by few statements. */
const POOL_SIZE = 2;

/** The users that statements name, for as long as the process takes requests. */
export class KnownUsers implements OnApplicationShutdown {
  private constructor(
    readonly directory: UserDirectory,
    private readonly database?: UserDatabase,
  ) {}

  /** With the users of the auth API where there is a database of theirs. */
  static async open(config: QueryApiConfig): Promise<KnownUsers> {
    const configured = new ConfiguredUsers(config.tokens.configured);
    const options = userDatabaseOf(config);
    if (options === undefined) return new KnownUsers(configured);
    const database = await UserDatabase.open(options);
    return new KnownUsers(new StoredUsers({ users: new Users(database), configured }), database);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database?.close();
  }
}

export function userDatabaseOf({ store: { database } }: QueryApiConfig): UserDatabaseOptions | undefined {
  if (database === undefined) return undefined;
  return { url: database.url, poolSize: POOL_SIZE, applicationName: 'mooring-query-api-users' };
}
