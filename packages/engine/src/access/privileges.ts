import type { Privilege, TableRecord } from '../catalog/records.ts';
import { ANONYMOUS_USER_ID } from '../context/principal.ts';
import type { Principal } from '../context/principal.ts';
import { isAtLeast } from '../context/role.ts';
import type { Role } from '../context/role.ts';
import { EngineError } from '../errors.ts';

/** Whether it is known who this is: nobody unknown owns anything or is granted something by name. */
function isKnown({ role, userId }: Principal): boolean {
  return role !== 'anonymous' && userId !== ANONYMOUS_USER_ID;
}

/** Its owner, and who administers the tenant. */
export function mayAdminister(principal: Principal, { ownerId }: { readonly ownerId: string }): boolean {
  return isAtLeast(principal.role, 'dba') || (isKnown(principal) && ownerId === principal.userId);
}

/** By ownership, administration, access level (reads only) or grant; nothing else. */
export function mayUse(principal: Principal, table: TableRecord, privilege: Privilege): boolean {
  if (mayAdminister(principal, table)) return true;
  if (privilege === 'select' && table.access === 'public') return true;
  if (privilege === 'select' && table.access === 'restricted' && isAtLeast(principal.role, 'service')) return true;
  return table.grants.some(({ grantee, privileges }) => {
    if (!privileges.includes(privilege)) return false;
    if ('role' in grantee) return isAtLeast(principal.role, grantee.role);
    return isKnown(principal) && grantee.userId === principal.userId;
  });
}

/** Whether a table is shown where tables are listed. */
export function maySee(principal: Principal, table: TableRecord): boolean {
  return (['select', 'insert', 'update', 'delete'] as const).some((privilege) => mayUse(principal, table, privilege));
}

const ACTS_AS: Readonly<Record<Role, readonly Role[]>> = {
  system: ['anonymous', 'user', 'service', 'dba', 'system'],
  dba: ['user', 'service', 'dba'],
  service: ['user', 'service'],
  user: [],
  anonymous: [],
};

/** EXECUTE AS USER: down the roles or beside, never up; a plain user as itself only. */
export function mayActAs(principal: Principal, user: { readonly userId: string; readonly role: Role }): boolean {
  if (isKnown(principal) && principal.userId === user.userId) return isAtLeast(principal.role, user.role);
  return ACTS_AS[principal.role].includes(user.role);
}

/** @throws EngineError `forbidden` */
export function assertRole(principal: Principal, least: Role, what: string): void {
  if (isAtLeast(principal.role, least)) return;
  throw forbidden(`${what} takes the role ${least} or a higher one, the role here is ${principal.role}`);
}

export function forbidden(message: string): EngineError {
  return new EngineError({ code: 'forbidden', message });
}
