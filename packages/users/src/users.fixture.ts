import { randomBytes } from 'node:crypto';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import type { Role, User } from './user.ts';
import { UserDatabase } from './user-database.ts';
import { Users } from './users.ts';

/** The machine is busy with other tests. */
const PATIENT = { connectionTimeoutMs: 60_000, statementTimeoutMs: 60_000 };

export interface TestUsers {
  readonly url: string;
  readonly users: Users;
  /** On another database of the same server. */
  fresh(): Promise<TestUsers>;
  /** Another process's: with connections of its own. */
  open(): Promise<UserDatabase>;
  create(change?: { readonly tenantId?: string; readonly role?: Role }): Promise<User>;
  stop(): Promise<void>;
}

export async function startUsers(): Promise<TestUsers> {
  const postgres = await testPostgres();
  return usersOf(postgres, () => postgres.stop());
}

async function usersOf(postgres: TestPostgres, stopped: () => Promise<void>): Promise<TestUsers> {
  const url = await postgres.createDatabase();
  const opened: UserDatabase[] = [];
  const open = async (): Promise<UserDatabase> => {
    const database = await UserDatabase.open({ ...PATIENT, url, poolSize: 4, applicationName: 'users-spec' });
    opened.push(database);
    return database;
  };
  const users = new Users(await open());
  return {
    url,
    users,
    fresh: () => usersOf(postgres, () => Promise.resolve()),
    open,
    create: async ({ tenantId = 'acme', role = 'user' } = {}) => {
      const username = `user-${randomBytes(6).toString('hex')}`;
      const created = await users.create({ username, tenantId, role, passwordHash: 'hash' });
      if (!created.ok) throw new Error(created.reason);
      return created.value;
    },
    stop: async () => {
      await Promise.all(opened.map((database) => database.close()));
      await stopped();
    },
  };
}
