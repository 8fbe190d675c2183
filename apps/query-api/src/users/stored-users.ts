import type { User, UserDirectory } from '@mooring/engine';
import { usernameKey } from '@mooring/users';
import type { User as StoredUser, Users } from '@mooring/users';
import type { ConfiguredUsers } from './configured-users.ts';
import { elsewhere } from './configured-users.ts';
import { ENGINE_ROLES } from './user-roles.ts';
import { inEngineWords } from './users-error.ts';

export interface StoredUsersParts {
  readonly users: Users;
  /** Of these and a stored one of the same name, the configured one is meant. */
  readonly configured: ConfiguredUsers;
}

const PAGE = 1000;

/** Users of the auth API, under the ids of their tokens, beside those of the configuration. */
export class StoredUsers implements UserDirectory {
  constructor(private readonly parts: StoredUsersParts) {}

  /** However the name is typed. One statement. */
  async find(tenantId: string, name: string): Promise<User | undefined> {
    const { users, configured } = this.parts;
    const service = await configured.find(tenantId, name);
    if (service !== undefined) return service;
    const user = await inEngineWords(users.findByName(name));
    return user?.tenantId === tenantId ? userOf(user) : undefined;
  }

  /** A statement for each 1000 users of the tenant. */
  async list(tenantId: string): Promise<readonly User[]> {
    const { users, configured } = this.parts;
    const found = [...(await configured.list(tenantId))];
    let page: readonly StoredUser[];
    let after: string | undefined;
    do {
      page = await inEngineWords(users.list({ tenantId, limit: PAGE, after }));
      found.push(...page.map(userOf));
      const last = page.at(-1);
      after = last === undefined ? undefined : usernameKey(last.username);
    } while (page.length === PAGE);
    return found.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async create(): Promise<never> {
    throw elsewhere();
  }

  async update(): Promise<never> {
    throw elsewhere();
  }

  async remove(): Promise<never> {
    throw elsewhere();
  }
}

function userOf({ id, tenantId, username, role, disabled, version, createdAt, changedAt }: StoredUser): User {
  return {
    tenantId,
    userId: id,
    name: username,
    role: ENGINE_ROLES[role],
    disabled,
    version,
    createdAt: createdAt.getTime(),
    updatedAt: changedAt.getTime(),
  };
}
