import type { EpochMs, Result } from '@mooring/session-store';
import type { Principal } from '../context/principal.ts';
import type { Role } from '../context/role.ts';
import type { SecretText } from '../sql/statement.ts';

export interface User {
  readonly tenantId: string;
  /** Never given to another user, not even after this one was dropped: what it owned and was granted is under this id. */
  readonly userId: string;
  /** Unique in the tenant; what statements call the user. */
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  /** A change names the version that it changes. */
  readonly version: number;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

export interface NewUser {
  readonly name: string;
  readonly role: Role;
  readonly password: SecretText | undefined;
}

export interface UserChange {
  readonly role?: Role;
  readonly password?: SecretText;
  readonly disabled?: boolean;
}

/** The users of all tenants, which belong to the application. Roles and rights are checked before it is asked. */
export interface UserDirectory {
  find(tenantId: string, name: string): Promise<User | undefined>;
  /** By name. */
  list(tenantId: string): Promise<readonly User[]>;
  create(tenantId: string, user: NewUser): Promise<Result<User, 'exists'>>;
  /** `by` whom: a directory may ask more of those who change themselves. */
  update(user: User, change: UserChange, by: Principal): Promise<Result<User, 'changed' | 'not_found'>>;
  /** Its sessions end with it. */
  remove(user: User): Promise<Result<null, 'changed' | 'not_found'>>;
}
