import type { Logger } from '@mooring/nest-runtime';
import type { PasswordHasher, Users } from '@mooring/users';
import type { ConfiguredUser } from './configured-users.ts';

/** The first administrator can't be created as the configuration asks for it. */
export class FirstAdminError extends Error {
  override readonly name = 'FirstAdminError';
  readonly code = 'username_taken';
  readonly retryable = false;

  constructor() {
    super('MOORING_FIRST_ADMIN names a user that there is already, without the role system. Name another one');
  }
}

interface Parts {
  readonly users: Users;
  readonly passwords: Pick<PasswordHasher, 'hash'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** While there is no user with the role `system`; of many processes that start at once, one does. @throws FirstAdminError */
export async function createFirstAdmin(admin: ConfiguredUser, { users, passwords, logger }: Parts): Promise<void> {
  if (await users.hasSystemUser()) {
    logger.info('There is an administrator; MOORING_FIRST_ADMIN is not used and can be removed');
    return;
  }
  const { username, tenantId, password } = admin;
  const created = await users.createFirst({ username, tenantId, passwordHash: await passwords.hash(password) });
  if (created.ok) logger.info({ userId: created.value.id, tenantId }, 'Created the first administrator');
  else if (created.reason === 'taken') throw new FirstAdminError();
}

/** Those that there are not yet. */
export async function createDemoUsers(
  demo: readonly ConfiguredUser[],
  { users, passwords, logger }: Parts,
): Promise<void> {
  if (demo.length === 0) return;
  logger.warn('There are demo users with passwords that everybody can guess: this is for trying things out');
  for (const { username, tenantId, role, password } of demo) {
    if ((await users.findByName(username)) !== undefined) continue;
    await users.create({ username, tenantId, role, passwordHash: await passwords.hash(password) });
  }
}
