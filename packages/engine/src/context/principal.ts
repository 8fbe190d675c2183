import type { Role } from './role.ts';

/** Who runs a statement. Nothing that a request sets reaches it. */
export interface Principal {
  readonly tenantId: string;
  readonly userId: string;
  readonly role: Role;
}

/** The user id of those who did not say who they are. A user directory gives it to nobody. */
export const ANONYMOUS_USER_ID = 'anonymous';
