import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { UserDatabaseError } from './errors.ts';
import { MIGRATIONS_TABLE, migrate, revert } from './schema-migrator.ts';
import { startUsers } from './users.fixture.ts';
import type { TestUsers } from './users.fixture.ts';
import { UserDatabase } from './user-database.ts';
import { Users } from './users.ts';

let server: TestUsers;
beforeAll(async () => {
  server = await startUsers();
});
afterAll(() => server.stop());

function poolOf({ url }: TestUsers): Pool {
  const pool = new Pool({ connectionString: url, max: 1 });
  // Dropping the database ends a connection that is not quite closed yet.
  pool.on('error', () => undefined);
  return pool;
}

const NEW = { tenantId: 'acme', role: 'user', passwordHash: 'hash' } as const;
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('users', () => {
  it('have one name, however it is typed', async () => {
    const created = await server.users.create({ ...NEW, username: 'Zoë.Straße' });
    expect(created).toMatchObject({ ok: true, value: { username: 'Zoë.Straße', role: 'user', version: 1 } });
    for (const username of ['zoë.straße', 'ZOE\u0308.Straße', ' Zoë.Straße ', 'Ｚoë.straße']) {
      expect((await server.users.findByName(username))?.username).toBe('Zoë.Straße');
      expect(await server.users.create({ ...NEW, username })).toEqual({ ok: false, reason: 'taken' });
    }
  });

  it.each([
    ['nothing', ''],
    ['a name that nobody has', 'nobody'],
    ['a zero', 'a\u0000b'],
    ['SQL', "' or 1=1 --"],
    ['half a character', '\ud800'],
    ['a very long name', 'x'.repeat(10_000)],
  ])('are not found by %s', async (_, name) => {
    expect(await server.users.findByName(name)).toBeUndefined();
    expect(await server.users.findById(name)).toBeUndefined();
  });

  it('are created once by many at once', async () => {
    const created = await Promise.all(times(10, () => server.users.create({ ...NEW, username: 'often' })));
    expect(created.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('change once from what was read, and wait for the sessions of the change before', async () => {
    const user = await server.create();
    const changes = await Promise.all(times(5, () => server.users.change(user, { role: 'service' })));
    expect(changes.filter(({ ok }) => ok)).toHaveLength(1);
    const changed = await server.users.findById(user.id);
    expect(changed).toMatchObject({ role: 'service', version: 2, endingTenantId: 'acme' });
    if (changed === undefined) throw new Error('gone');
    expect(await server.users.change(changed, { tenantId: 'globex' })).toEqual({ ok: false, reason: 'conflict' });
    await server.users.sessionsEnded(user);
    expect((await server.users.findById(user.id))?.endingTenantId).toBe('acme');
    await server.users.sessionsEnded(changed);
    expect(await server.users.change(changed, { tenantId: 'globex' })).toMatchObject({
      ok: true,
      value: { tenantId: 'globex', role: 'service', endingTenantId: 'acme', version: 3 },
    });
  });

  it('are removed when they are disabled and their sessions have ended, and not before', async () => {
    const { users } = server;
    const user = await server.create();
    expect(await users.remove(user)).toBe(false);
    const disabled = await users.change(user, { disabled: true });
    if (!disabled.ok) throw new Error(disabled.reason);
    expect(await users.remove(disabled.value)).toBe(false);
    await users.sessionsEnded(disabled.value);
    expect(await users.remove(user)).toBe(false);
    expect((await Promise.all(times(3, () => users.remove(disabled.value)))).filter(Boolean)).toHaveLength(1);
    expect(await users.findById(user.id)).toBeUndefined();
  });

  it('get another hash of the same password without being changed, and not over a new password', async () => {
    const user = await server.users.findById((await server.create()).id);
    if (user === undefined) throw new Error('gone');
    await server.users.rehash(user, 'rehashed');
    expect(await server.users.findById(user.id)).toMatchObject({ passwordHash: 'rehashed', version: 1 });
    await server.users.rehash(user, 'rehashed late');
    expect(await server.users.findById(user.id)).toMatchObject({ passwordHash: 'rehashed' });
  });

  it('are listed by name, a page at a time, of one tenant or of all', async () => {
    const created = await Promise.all(times(5, () => server.create({ tenantId: 'list' })));
    const names = created.map(({ username }) => username).sort();
    const first = await server.users.list({ tenantId: 'list', limit: 2 });
    const rest = await server.users.list({ tenantId: 'list', limit: 9, after: first.at(-1)?.username });
    expect([...first, ...rest].map(({ username }) => username)).toEqual(names);
    expect((await server.users.list({ limit: 100 })).length).toBeGreaterThan(5);
  });
});

describe('the role system', () => {
  it('is never taken from the last who has it, also not by two from each other', async () => {
    const fresh = await server.fresh();
    const [one, other] = await Promise.all([fresh.create({ role: 'system' }), fresh.create({ role: 'system' })]);
    const changes = await Promise.all([
      fresh.users.change(one, { disabled: true }),
      fresh.users.change(other, { role: 'dba' }),
    ]);
    expect(changes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(changes.find(({ ok }) => !ok)).toEqual({ ok: false, reason: 'last_system_user' });
    await fresh.stop();
  });
});

describe('the schema', () => {
  it('is made once by many at once, and can be taken back', async () => {
    const pool = poolOf(server);
    const migrations = async () => (await pool.query(`select name from ${MIGRATIONS_TABLE}`)).rowCount;
    await Promise.all(times(5, () => migrate(server.url)));
    expect(await migrations()).toBe(1);
    const fresh = await server.fresh();
    await revert(fresh.url);
    const told: unknown[] = [];
    const onMigrated = (version: unknown): void => void told.push(version);
    const opened = times(2, () =>
      UserDatabase.open({ url: fresh.url, poolSize: 1, applicationName: 'users-spec', onMigrated }),
    );
    for (const database of await Promise.all(opened)) await database.close();
    expect(told).toEqual([{ found: 0, wanted: 1 }]);
    expect(await fresh.users.list({ limit: 1 })).toEqual([]);
    await fresh.stop();
    await pool.end();
  });

  it('that can not be made says why, without the password of the database', async () => {
    const failed = await migrate('postgres://ann:hunter22@127.0.0.1:9/x').catch((error: unknown) => error);
    expect(failed).toMatchObject({ name: 'UserDatabaseError', code: 'unavailable', operation: 'migrate' });
    expect(JSON.stringify([failed, (failed as Error).message, (failed as Error).cause])).not.toContain('hunter22');
  });
});

describe('a failure of the database', () => {
  it('is unavailable, and tells nothing of the statement or its values', async () => {
    const fresh = await server.fresh();
    const database = await fresh.open();
    const pool = poolOf(fresh);
    await pool.query('alter table mooring_users add constraint no_canary check (tenant_id <> $$canary$$)');
    const users = new Users(database);
    const failed = await users
      .create({ ...NEW, username: 'canary', tenantId: 'canary' })
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(UserDatabaseError);
    expect(failed).toMatchObject({ code: 'failed', retryable: false });
    expect(`${(failed as Error).message} ${String((failed as Error).cause)}`).not.toContain('canary');
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'users-spec' and datname = current_database()`,
    );
    expect(await users.findByName('ann')).toBeUndefined();
    await pool.end();
    await fresh.stop();
  });
});
