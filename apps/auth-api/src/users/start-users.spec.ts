import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@mooring/nest-runtime';
import { UserDatabase, Users } from '@mooring/users';
import { createFirstAdmin } from './start-users.ts';
import { PATIENT, startUsers } from './users.fixture.ts';
import type { TestUsers } from './users.fixture.ts';

let server: TestUsers;
beforeAll(async () => {
  server = await startUsers();
});
afterAll(() => server.stop());

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('the first administrator', () => {
  it('is one, of eight processes that start at once', async () => {
    const fresh = await server.fresh();
    const lines: string[] = [];
    const logger = createLogger({ name: 'x', destination: { write: (line) => void lines.push(line) } });
    const databases = await Promise.all(
      times(8, () => UserDatabase.open({ url: fresh.url, poolSize: 2, applicationName: 'x', ...PATIENT })),
    );
    await Promise.all(
      databases.map((database, index) =>
        createFirstAdmin(
          { tenantId: 'acme', username: `root-${index % 4}`, password: 'anchors aweigh, my boys', role: 'system' },
          { users: new Users(database), passwords: fresh.passwords, logger },
        ),
      ),
    );
    expect(await fresh.users.list({ limit: 9 })).toEqual([
      expect.objectContaining({ role: 'system', tenantId: 'acme' }),
    ]);
    expect(lines.filter((line) => line.includes('Created the first administrator'))).toHaveLength(1);
    expect(lines.join('')).not.toContain('anchors');
    await Promise.all(databases.map((database) => database.close()));
    await fresh.stop();
  });

  it('is no user that there is already', async () => {
    const fresh = await server.fresh();
    const { username } = await fresh.create();
    const logger = createLogger({ name: 'x', destination: { write: () => undefined } });
    const admin = { tenantId: 'acme', username: username.toUpperCase(), password: 'x', role: 'system' } as const;
    await expect(createFirstAdmin(admin, { ...fresh, logger })).rejects.toThrow('MOORING_FIRST_ADMIN names a user');
    await fresh.stop();
  });
});
