import type { OnApplicationShutdown } from '@nestjs/common';
import type { LoginGuard } from '@mooring/auth-tokens';
import type { UserDirectory } from '@mooring/engine';
import { traced } from '@mooring/nest-runtime';
import type { Logger } from '@mooring/nest-runtime';
import { databaseLimits, schemaMigrated } from '@mooring/session-store/adapter';
import { PasswordHasher, SessionEnds, UserDatabase, Users, loginAccount } from '@mooring/users';
import type { TokenRevoker, UserDatabaseOptions } from '@mooring/users';
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
  static async open(
    config: QueryApiConfig,
    tokens: TokenRevoker,
    guard: LoginGuard,
    logger: Pick<Logger, 'info'>,
  ): Promise<KnownUsers> {
    const configured = new ConfiguredUsers(config.tokens.configured);
    const options = userDatabaseOf(config);
    if (options === undefined) return new KnownUsers(configured);
    const database = await UserDatabase.open({
      ...options,
      onMigrated: (version) => logger.info(schemaMigrated('users', version)),
    });
    const users = new Users(database);
    const hasher = new PasswordHasher({ ...config.passwords, around: (work) => traced('password hash', {}, work) });
    const passwords = { hasher, minLength: config.passwords.minLength };
    const ends = new SessionEnds(users, tokens);
    const unlock = (name: string): Promise<void> => guard.unlock({ ...loginAccount(name), address: undefined });
    return new KnownUsers(new StoredUsers({ users, configured, ends, passwords, unlock }), database);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database?.close();
  }
}

export function userDatabaseOf({ store }: QueryApiConfig): UserDatabaseOptions | undefined {
  const { database, timeoutMs } = store;
  if (database === undefined) return undefined;
  const options = { url: database.url, poolSize: POOL_SIZE, applicationName: 'mooring-query-api-users' };
  return { ...options, ...databaseLimits(timeoutMs) };
}
