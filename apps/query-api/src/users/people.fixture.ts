import type { AuthTokens } from '@mooring/auth-tokens';
import type { ServiceProcess } from '@mooring/services';
import { UserDatabase, Users } from '@mooring/users';
import type { Role } from '@mooring/users';
import { logins, sqlClient } from '../sql/sql.fixture.ts';
import { PATIENT } from '../stack.fixture.ts';

/** Makes users as the auth API does, and logs them in. */
export async function people(url: string, tokens: AuthTokens) {
  const database = await UserDatabase.open({ url, poolSize: 1, applicationName: 'people', ...PATIENT });
  const users = new Users(database);
  const login = logins(tokens);
  return {
    users,
    join: async (service: ServiceProcess, username: string, tenantId: string, role: Role) => {
      const created = await users.create({ username, tenantId, role, passwordHash: 'none' });
      if (!created.ok) throw new Error(created.reason);
      const { id } = created.value;
      return { id, ...sqlClient(service, await login(id, tenantId, role)) };
    },
    close: () => database.close(),
  };
}
