export interface DemoUser {
  readonly username: string;
  readonly password: string;
  readonly tenantId: string;
  readonly role: 'user' | 'dba';
}

/** Of two tenants, each with a dba. Passwords that anybody can guess: everything listens on the loopback address alone. */
export const DEMO_USERS: readonly [DemoUser, DemoUser, DemoUser] = [
  { username: 'test', password: 'test', tenantId: 'acme', role: 'dba' },
  { username: 'bob', password: 'bob', tenantId: 'globex', role: 'user' },
  { username: 'eve', password: 'eve', tenantId: 'globex', role: 'dba' },
];

export const DEMO_TENANTS: readonly string[] = [...new Set(DEMO_USERS.map(({ tenantId }) => tenantId))];

/** As the auth API reads them. */
export function listDemoUsers(): string {
  return DEMO_USERS.map(({ username, password, tenantId, role }) => `${username}:${password}@${tenantId}/${role}`).join(
    ',',
  );
}
