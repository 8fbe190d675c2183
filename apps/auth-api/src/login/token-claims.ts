import type { Principal } from '@mooring/auth-tokens';
import type { SessionData } from '@mooring/session-store';
import { ROLES } from '@mooring/users';
import type { Role, User } from '@mooring/users';

/** Who is logged in, as the token's session has it: any change of it ends the session, so it is never stale. */
export interface Caller {
  readonly id: string;
  readonly username: string;
  readonly tenantId: string;
  readonly role: Role;
  readonly rememberMe: boolean;
}

export function claimsOf({ role, username }: User, rememberMe: boolean): SessionData {
  return { role, username, ...(rememberMe ? { rememberMe } : {}) };
}

export function callerOf({ subjectId, tenantId, claims }: Principal): Caller {
  const { role, username, rememberMe } = claims;
  return {
    id: subjectId,
    username: typeof username === 'string' ? username : '',
    tenantId,
    role: ROLES.find((known) => known === role) ?? 'user',
    rememberMe: rememberMe === true,
  };
}
