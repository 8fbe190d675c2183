import { ROLES } from '@mooring/engine';
import type { Principal as SqlPrincipal } from '@mooring/engine';
import type { Principal } from '../api-tokens.ts';

/** The caller as the engine knows it. A role that it has not is the least of a user. */
export function sqlPrincipal({ tenantId, userId, role }: Principal): SqlPrincipal {
  return { tenantId, userId, role: ROLES.find((known) => known === role && known !== 'anonymous') ?? 'user' };
}
