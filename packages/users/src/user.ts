/** From the least: each may do what those before it may. */
export const ROLES = ['user', 'service', 'dba', 'system'] as const;
export type Role = (typeof ROLES)[number];

export interface User {
  /** Random; the subject of the user's tokens. */
  readonly id: string;
  /** As it was typed when the user was created. */
  readonly username: string;
  readonly tenantId: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: Date;
  /** When the role, the tenant, the password or `disabled` changed last. */
  readonly changedAt: Date;
  /** Grows with each such change. */
  readonly version: number;
  /** The tenant of sessions that are still to end because of such a change. */
  readonly endingTenantId: string | null;
}

export interface UserWithPassword extends User {
  readonly passwordHash: string;
}

/** Letters and digits of any script, and signs that neither URLs, lists nor database users give a meaning. */
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]{0,127}$/u;
/** As part of a database user's name: one spelling, and nothing that could leave its quotes. */
const TENANT_ID = /^[a-z0-9_][a-z0-9_.@-]{0,62}$/;

export const USERNAME_TAKES = '1 to 128 letters, digits and signs of ._@+-, beginning with a letter or digit';
export const TENANT_ID_TAKES = '1 to 63 small letters, digits and signs of _.@-, beginning with a letter, digit or _';

export function isUsername(text: string): boolean {
  return USERNAME.test(text) && USERNAME.test(usernameKey(text));
}

export function isTenantId(text: string): boolean {
  return TENANT_ID.test(text);
}

/** However a name is typed, one user: case and width make no difference. */
export function usernameKey(username: string): string {
  return username.trim().normalize('NFKC').toLowerCase().normalize('NFKC');
}

export function outranks(role: Role, other: Role): boolean {
  return ROLES.indexOf(role) > ROLES.indexOf(other);
}

/** Under what failed logins of a user are counted: names are unique over all tenants. */
export function loginAccount(username: string): { readonly tenantId: string; readonly account: string } {
  return { tenantId: 'logins', account: usernameKey(username) };
}
