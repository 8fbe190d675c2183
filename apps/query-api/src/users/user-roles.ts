import { EngineError } from '@mooring/engine';
import type { Role as EngineRole } from '@mooring/engine';
import type { Role } from '@mooring/users';

/** What the role of a user is to the engine. */
export const ENGINE_ROLES = {
  user: 'user',
  service: 'service',
  dba: 'dba',
  system: 'system',
} as const satisfies Record<Role, EngineRole>;

const STORED_ROLES: Readonly<Record<EngineRole, Role | undefined>> = { ...ENGINE_ROLES, anonymous: undefined };

/** The role of a user who has this one in the engine. @throws EngineError `invalid_argument` */
export function storedRole(role: EngineRole): Role {
  const stored = STORED_ROLES[role];
  if (stored !== undefined) return stored;
  throw new EngineError({ code: 'invalid_argument', message: `the role ${role} is of those who do not log in` });
}
