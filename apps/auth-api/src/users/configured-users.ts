import { ROLES, isTenantId, isUsername } from '@mooring/users';
import type { Role } from '@mooring/users';

/** A user of the configuration. */
export interface ConfiguredUser {
  readonly username: string;
  readonly password: string;
  readonly tenantId: string;
  readonly role: Role;
}

/** `<tenant>/<username>:<password>`; a fault in words, without any of it. */
export function parseFirstAdmin(text: string): ConfiguredUser | string {
  const [, tenantId = '', username = '', password = ''] = /^([^/]*)\/([^:]*):(.+)$/s.exec(text) ?? [];
  if (password === '') return 'must be <tenant>/<username>:<password>';
  return checked({ username: username.normalize('NFC'), password, tenantId, role: 'system' });
}

/** `<username>:<password>@<tenant>/<role>` entries. A fault names the entry by its place. */
export function parseDemoUsers(text: string): { readonly users: ConfiguredUser[]; readonly faults: string[] } {
  const users: ConfiguredUser[] = [];
  const faults: string[] = [];
  for (const [index, entry] of text
    .split(/[\s,]+/)
    .filter(Boolean)
    .entries()) {
    const user = parseDemoUser(entry);
    if (typeof user === 'string') faults.push(`entry ${index + 1} ${user}`);
    else users.push(user);
  }
  return { users, faults };
}

function parseDemoUser(entry: string): ConfiguredUser | string {
  const [, username = '', password = '', tenantId = '', role] = /^([^:]*):(.+)@([^@/]*)\/([^/]*)$/.exec(entry) ?? [];
  const known = ROLES.find((name) => name === role);
  if (password === '') return 'must be <username>:<password>@<tenant>/<role>';
  if (known === undefined) return `must have one of the roles ${ROLES.join(', ')}`;
  return checked({ username: username.normalize('NFC'), password, tenantId, role: known });
}

function checked(user: ConfiguredUser): ConfiguredUser | string {
  if (!isUsername(user.username)) return 'has a user name with characters that names can not have';
  return isTenantId(user.tenantId) ? user : 'has a tenant with characters that tenants can not have';
}
