import { randomBytes } from 'node:crypto';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { PasswordHasher, UserDatabase, Users } from '@mooring/users';
import type { Role, User } from '@mooring/users';

export const CHEAP = { memoryKib: 64, passes: 1, lanes: 1 };
/** What is not about waiting for the database is not to fail for it. */
export const PATIENT = { connectionTimeoutMs: 120_000, statementTimeoutMs: 120_000 };

export interface TestUsers {
  readonly url: string;
  readonly users: Users;
  readonly passwords: PasswordHasher;
  /** On another database of the same server. */
  fresh(): Promise<TestUsers>;
  create(change?: { readonly tenantId?: string; readonly role?: Role; readonly password?: string }): Promise<User>;
  stop(): Promise<void>;
}

export async function startUsers(): Promise<TestUsers> {
  const postgres = await testPostgres();
  return usersOf(postgres, () => postgres.stop());
}

async function usersOf(postgres: TestPostgres, stopped: () => Promise<void>): Promise<TestUsers> {
  const url = await postgres.createDatabase();
  const database = await UserDatabase.open({ url, poolSize: 4, applicationName: 'auth-api-spec', ...PATIENT });
  const users = new Users(database);
  const passwords = new PasswordHasher({ cost: CHEAP, atOnce: 2, maxWaiting: 1000 });
  return {
    url,
    users,
    passwords,
    fresh: () => usersOf(postgres, () => Promise.resolve()),
    create: async ({ tenantId = 'acme', role = 'user', password = 'a password' } = {}) => {
      const username = `user-${randomBytes(6).toString('hex')}`;
      const created = await users.create({ username, tenantId, role, passwordHash: await passwords.hash(password) });
      if (!created.ok) throw new Error(created.reason);
      return created.value;
    },
    stop: async () => {
      await database.close();
      await stopped();
    },
  };
}
