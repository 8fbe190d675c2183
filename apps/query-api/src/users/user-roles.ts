import type { Role as EngineRole } from '@mooring/engine';
import type { Role } from '@mooring/users';

/** What the role of a user is to the engine. */
export const ENGINE_ROLES: Readonly<Record<Role, EngineRole>> = {
  user: 'user',
  service: 'service',
  dba: 'dba',
  system: 'system',
};
