import { EngineError } from '@mooring/engine';
import type { NewUser, Principal, User, UserChange, UserDirectory } from '@mooring/engine';
import { ok, refused } from '@mooring/session-store';
import type { Result } from '@mooring/session-store';
import { USERNAME_TAKES, isUsername, usernameKey } from '@mooring/users';
import type { SessionEnds, User as StoredUser, UserChange as StoredChange, Users } from '@mooring/users';
import { hashChosen } from './chosen-password.ts';
import type { ChosenPasswordParts } from './chosen-password.ts';
import { elsewhere } from './configured-users.ts';
import type { ConfiguredUsers } from './configured-users.ts';
import { ENGINE_ROLES, storedRole } from './user-roles.ts';
import { inEngineWords } from './users-error.ts';

export interface StoredUsersParts {
  readonly users: Users;
  /** Of these and a stored one of the same name, the configured one is meant. */
  readonly configured: ConfiguredUsers;
  readonly ends: SessionEnds;
  readonly passwords: ChosenPasswordParts;
  /** Forgets failed logins, as a new password of the auth API does. */
  readonly unlock: (username: string) => Promise<void>;
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

  /** Two statements; of a name that exists, one. Names are unique over all tenants. */
  async create(tenantId: string, { name, role, password }: NewUser): Promise<Result<User, 'exists'>> {
    const { users, passwords } = this.parts;
    const username = name.normalize('NFC');
    const wanted = { username, tenantId, role: storedRole(role) };
    if (!isUsername(username)) {
      throw new EngineError({ code: 'invalid_name', message: `the name of a user is ${USERNAME_TAKES}` });
    }
    if ((await this.find(tenantId, name)) !== undefined) return refused('exists');
    if (password === undefined) {
      throw new EngineError({
        code: 'invalid_argument',
        message: 'CREATE USER needs a PASSWORD: users log in with it',
      });
    }
    const passwordHash = await hashChosen(password, wanted, passwords);
    const created = await inEngineWords(users.create({ ...wanted, passwordHash }));
    if (created.ok) return ok(userOf(created.value));
    if ((await this.find(tenantId, name)) !== undefined) return refused('exists');
    const message = 'the name is taken: choose another one, names of users are unique over all tenants';
    throw new EngineError({ code: 'already_exists', message });
  }

  /** All sessions of the user end, and with a new password the account is let in again. Nobody changes the user that they are. Three statements. */
  async update(user: User, { password, role, disabled }: UserChange, by: Principal): Promise<Changed<User>> {
    if (by.userId === user.userId) throw ownUser();
    const found = await this.changeable(user);
    if (!found.ok) return found;
    const { value: current } = found;
    const passwordHash = password === undefined ? undefined : await hashChosen(password, current, this.parts.passwords);
    const stored = role === undefined ? undefined : storedRole(role);
    const changed = await this.change(current, { role: stored, disabled, passwordHash });
    if (!changed.ok) return changed;
    if (passwordHash !== undefined) await this.parts.unlock(changed.value.username);
    return ok(userOf(changed.value));
  }

  /**
   * Disabled first, so that no session outlives the user: where that is all that was done, it is for the next try to go on.
   * Four statements.
   */
  async remove(user: User): Promise<Changed<null>> {
    const found = await this.changeable(user);
    if (!found.ok) return found;
    const disabled = await this.change(found.value, { disabled: true });
    if (!disabled.ok) return disabled;
    return (await inEngineWords(this.parts.users.remove(disabled.value))) ? ok(null) : refused('changed');
  }

  private async changeable({ tenantId, userId, name, version }: User): Promise<Changed<StoredUser>> {
    const service = await this.parts.configured.find(tenantId, name);
    if (service?.userId === userId) throw elsewhere();
    const current = await inEngineWords(this.parts.users.findById(userId));
    if (current?.tenantId !== tenantId) return refused('not_found');
    return current.version === version ? ok(current) : refused('changed');
  }

  /** Sessions that are still to end because of the change before end first. */
  private async change(user: StoredUser, change: StoredChange): Promise<Result<StoredUser, 'changed'>> {
    const { users, ends } = this.parts;
    await inEngineWords(ends.end(user));
    const changed = await inEngineWords(users.change(user, change));
    if (!changed.ok && changed.reason === 'conflict') return refused('changed');
    if (!changed.ok) throw lastOfSystem();
    await inEngineWords(ends.end(changed.value));
    return ok({ ...changed.value, endingTenantId: null });
  }
}

type Changed<T> = Result<T, 'changed' | 'not_found'>;

function ownUser(): EngineError {
  const message = 'nobody changes their own user here; for the password: POST /auth/password of the auth API';
  return new EngineError({ code: 'forbidden', message });
}

function lastOfSystem(): EngineError {
  const message = 'this is the last user with the role system that is not disabled';
  return new EngineError({ code: 'in_use', message });
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
