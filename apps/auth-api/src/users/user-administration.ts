import { ProblemError } from '@mooring/nest-runtime';
import { outranks } from '@mooring/users';
import type { PasswordHasher, Role, SessionEnds, User, UserPageRequest, Users } from '@mooring/users';
import type { GuardedPasswords } from '../login/guarded-passwords.ts';
import type { Caller } from '../login/token-claims.ts';
import { assertChosenWell } from '../passwords/chosen-password.ts';

export interface UserRequest {
  readonly username: string;
  readonly password: string;
  /** Default: the caller's. */
  readonly tenantId?: string | undefined;
  /** Default `user`. */
  readonly role?: Role | undefined;
}

export interface UserPatch {
  readonly role?: Role | undefined;
  readonly tenantId?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly password?: string | undefined;
}

export interface UserAdministrationParts {
  readonly users: Users;
  readonly passwords: PasswordHasher;
  readonly ends: SessionEnds;
  readonly guarded: GuardedPasswords;
  readonly minLength: number;
}

const ATTEMPTS = 5;

/**
 * What administrators do with users. `system` may do it all; a `dba` only in its own tenant, with users of its role or
 * below. Nobody changes their own rank, tenant or state, so somebody is always left who can.
 */
export class UserAdministration {
  constructor(private readonly parts: UserAdministrationParts) {}

  async create(caller: Caller, request: UserRequest): Promise<User> {
    const { username, password, tenantId = caller.tenantId, role = 'user' } = request;
    assertMayPlace(caller, { tenantId, role });
    assertChosenWell(password, { username, tenantId }, this.parts, '#/password');
    const passwordHash = await this.parts.passwords.hash(password);
    const created = await this.parts.users.create({ username, tenantId, role, passwordHash });
    if (created.ok) return created.value;
    throw new ProblemError('username_taken', 'There is a user of this name already.', {
      errors: [{ pointer: '#/username', detail: 'is the name of another user; case and width make no difference' }],
    });
  }

  /** Of the caller's tenant; `system` sees all, or those of one. */
  async list(caller: Caller, page: UserPageRequest): Promise<User[]> {
    const { tenantId = caller.role === 'system' ? undefined : caller.tenantId } = page;
    if (tenantId !== undefined) assertMayPlace(caller, { tenantId, role: 'user' });
    return this.parts.users.list({ ...page, tenantId });
  }

  /** Users of other tenants are not found. @throws ProblemError */
  async get(caller: Caller, id: string): Promise<User> {
    const user = await this.parts.users.findById(id);
    if (user === undefined || (caller.role !== 'system' && user.tenantId !== caller.tenantId)) {
      throw new ProblemError('user_not_found', 'There is no such user.');
    }
    return user;
  }

  /** Whatever it changes, the user's sessions end, at once and everywhere; also where it changes nothing. */
  async change(caller: Caller, id: string, { password, ...patch }: UserPatch): Promise<User> {
    const { users, ends, guarded } = this.parts;
    let user = await this.getChangeable(caller, id);
    const passwordHash = await this.hashOf(user, password);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      assertMayPlace(caller, { tenantId: patch.tenantId ?? user.tenantId, role: patch.role ?? user.role });
      await ends.end(user);
      const changed = await users.change(user, { ...patch, passwordHash });
      if (changed.ok) {
        await ends.end(changed.value);
        if (password !== undefined) await guarded.unlock(user.username, undefined);
        return changed.value;
      }
      if (changed.reason === 'last_system_user') {
        throw new ProblemError('last_system_user', 'This is the last user with the role system that is not disabled.');
      }
      user = await this.getChangeable(caller, id);
    }
    throw new ProblemError('user_changed', 'The user kept being changed by others. Try again.');
  }

  /** Clears failed logins of the account, those from everywhere and those from `address`. */
  async unlock(caller: Caller, id: string, address: string | undefined): Promise<User> {
    const user = await this.getChangeable(caller, id);
    await this.parts.guarded.unlock(user.username, address);
    return user;
  }

  private async getChangeable(caller: Caller, id: string): Promise<User> {
    const user = await this.get(caller, id);
    if (user.id === caller.id) {
      throw new ProblemError('forbidden', 'Nobody changes their own user here; for the password: POST /auth/password.');
    }
    if (outranks(user.role, caller.role)) {
      throw new ProblemError('forbidden', 'Only users of your own role or below are yours to change.');
    }
    return user;
  }

  private async hashOf({ username, tenantId }: User, password: string | undefined): Promise<string | undefined> {
    if (password === undefined) return undefined;
    assertChosenWell(password, { username, tenantId }, this.parts, '#/password');
    return this.parts.passwords.hash(password);
  }
}

function assertMayPlace(caller: Caller, place: { readonly tenantId: string; readonly role: Role }): void {
  if (outranks(place.role, caller.role))
    throw new ProblemError('forbidden', 'No role above your own is yours to give.');
  if (caller.role !== 'system' && place.tenantId !== caller.tenantId) {
    throw new ProblemError('forbidden', 'Only users of your own tenant are yours to administer.');
  }
}
