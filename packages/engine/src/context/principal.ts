import type { Role } from './role.ts';

/** Who runs a statement. Nothing that a request sets reaches it. */
export interface Principal {
  readonly tenantId: string;
  readonly userId: string;
  readonly role: Role;
}
