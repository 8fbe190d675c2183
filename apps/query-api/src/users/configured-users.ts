import { EngineError } from '@mooring/engine';
import type { User, UserDirectory } from '@mooring/engine';
import type { ApiToken } from '../api-tokens.ts';

/** The users that tokens of the configuration name: services. People are users of the auth API, which makes and changes them. */
export class ConfiguredUsers implements UserDirectory {
  private readonly users: readonly User[];

  constructor(tokens: readonly ApiToken[]) {
    const users = tokens.map(({ principal: { tenantId, userId } }): [string, User] => [
      `${tenantId}/${userId}`,
      { tenantId, userId, name: userId, role: 'service', disabled: false, version: 1, createdAt: 0, updatedAt: 0 },
    ]);
    this.users = [...new Map(users).values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async find(tenantId: string, name: string): Promise<User | undefined> {
    return this.users.find((user) => user.tenantId === tenantId && user.name === name);
  }

  async list(tenantId: string): Promise<readonly User[]> {
    return this.users.filter((user) => user.tenantId === tenantId);
  }

  async create(): Promise<never> {
    throw elsewhere();
  }

  async update(): Promise<never> {
    throw elsewhere();
  }

  async remove(): Promise<never> {
    throw elsewhere();
  }
}

export function elsewhere(): EngineError {
  const message =
    'users of API tokens are made and changed in the configuration, and others only where DATABASE_URL has them';
  return new EngineError({ code: 'unsupported_statement', message });
}
