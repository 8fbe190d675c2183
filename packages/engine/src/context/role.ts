/** From least to most. */
export const ROLES = ['anonymous', 'user', 'service', 'dba', 'system'] as const;
export type Role = (typeof ROLES)[number];

export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}
