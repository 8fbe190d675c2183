import { randomUUID } from 'node:crypto';
import { ok, refused } from '@mooring/session-store';
import type { Result } from '@mooring/session-store';
import { isUsername, usernameKey } from './user.ts';
import type { Role, User, UserWithPassword } from './user.ts';
import type { Statement, UserDatabase } from './user-database.ts';
import { STATEMENTS } from './statements.ts';

export interface NewUser {
  readonly username: string;
  readonly tenantId: string;
  readonly role: Role;
  readonly passwordHash: string;
}

/** What ends a user's sessions. */
export interface UserChange {
  readonly role?: Role | undefined;
  readonly tenantId?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly passwordHash?: string | undefined;
}

export interface UserPageRequest {
  /** Of one tenant only. */
  readonly tenantId?: string | undefined;
  readonly limit: number;
  /** `usernameKey` of the last one of the page before. */
  readonly after?: string | undefined;
}

/** The most changes that are looked for at once. */
const ENDING_AT_ONCE = 100;

/** The users' records: one statement each. */
export class Users {
  constructor(private readonly database: UserDatabase) {}

  /** By name, however it is typed. */
  async findByName(username: string): Promise<UserWithPassword | undefined> {
    // What can't be a name is nobody's; some of it PostgreSQL can't even be asked for.
    const key = usernameKey(username);
    return isUsername(key) ? this.one(STATEMENTS.findByName, [key]) : undefined;
  }

  async findById(id: string): Promise<UserWithPassword | undefined> {
    return /^[0-9a-f-]{36}$/.test(id) ? this.one(STATEMENTS.findById, [id]) : undefined;
  }

  /** By name. One more than `limit` tells that there are more. */
  async list({ tenantId, limit, after }: UserPageRequest): Promise<User[]> {
    return (await this.database.all<UserRow>(STATEMENTS.list, [tenantId ?? null, after ?? '', limit])).map(userOf);
  }

  async create(user: NewUser): Promise<Result<User, 'taken'>> {
    const created = await this.one(STATEMENTS.create, valuesOf(user));
    return created === undefined ? refused('taken') : ok(created);
  }

  async hasSystemUser(): Promise<boolean> {
    return (await this.database.all(STATEMENTS.findSystemUser, [])).length > 0;
  }

  /** Only while there is no `system` user: of many that do it at once, one does. */
  async createFirst(user: Omit<NewUser, 'role'>): Promise<Result<User, 'not_first' | 'taken'>> {
    const row = await this.database.oneAlone<UserRow>(STATEMENTS.createFirst, valuesOf({ ...user, role: 'system' }));
    if (row !== undefined) return ok(userOf(row));
    return refused((await this.hasSystemUser()) ? 'not_first' : 'taken');
  }

  /**
   * Changes the version that was read, and notes that the sessions of the tenant before are to end. `conflict`: it changed
   * since, or sessions are still to end because of the change before; `last_system_user`: there would be no administrator
   * of everything any more.
   */
  async change(user: User, change: UserChange): Promise<Result<User, 'conflict' | 'last_system_user'>> {
    const { role = user.role, tenantId = user.tenantId, disabled = user.disabled, passwordHash = null } = change;
    const staysSystem = user.role !== 'system' || user.disabled || (role === 'system' && !disabled);
    const values = [user.id, user.version, role, tenantId, disabled, passwordHash];
    if (staysSystem) {
      const changed = await this.one(STATEMENTS.change, values);
      return changed === undefined ? refused('conflict') : ok(changed);
    }
    const row = await this.database.oneAlone<UserRow>(STATEMENTS.changeWhereOthersRemain, values);
    if (row !== undefined) return ok(userOf(row));
    const [present, others] = await Promise.all([
      this.findById(user.id),
      this.database.all(STATEMENTS.findOtherSystemUser, [user.id]),
    ]);
    return refused(present?.version === user.version && others.length === 0 ? 'last_system_user' : 'conflict');
  }

  /** The sessions of this change ended. */
  async sessionsEnded({ id, version }: User): Promise<void> {
    await this.database.all(STATEMENTS.sessionsEnded, [id, version]);
  }

  /** Whose sessions should have ended a while ago. */
  async listEnding(olderThanMs: number): Promise<User[]> {
    return (await this.database.all<UserRow>(STATEMENTS.listEnding, [olderThanMs, ENDING_AT_ONCE])).map(userOf);
  }

  /**
   * Of a user who is disabled, and whose sessions ended with that: nobody would end them later. False where that is not so,
   * or the user changed since.
   */
  async remove({ id, version }: User): Promise<boolean> {
    return (await this.database.all(STATEMENTS.remove, [id, version])).length > 0;
  }

  /** The same password at another cost: no change that ends sessions. */
  async rehash({ id, passwordHash }: UserWithPassword, rehashed: string): Promise<void> {
    await this.database.all(STATEMENTS.rehash, [id, passwordHash, rehashed]);
  }

  private async one(statement: Statement, values: unknown[]): Promise<UserWithPassword | undefined> {
    const row = await this.database.one<UserRow>(statement, values);
    return row === undefined ? undefined : { ...userOf(row), passwordHash: row.password_hash };
  }
}

interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly tenant_id: string;
  readonly role: Role;
  readonly password_hash: string;
  readonly disabled: boolean;
  readonly version: number;
  readonly ending_tenant_id: string | null;
  readonly created_at: Date;
  readonly changed_at: Date;
}

function userOf(row: UserRow): User {
  return {
    id: row.id,
    username: row.username,
    tenantId: row.tenant_id,
    role: row.role,
    disabled: row.disabled,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    version: row.version,
    endingTenantId: row.ending_tenant_id,
  };
}

function valuesOf({ username, tenantId, role, passwordHash }: NewUser): unknown[] {
  return [randomUUID(), username, usernameKey(username), tenantId, role, passwordHash];
}
