import { describe, expect, it } from '@jest/globals';
import { World } from '../world.fixture.ts';

describe('users', () => {
  it('are made, changed and dropped by a dba', async () => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    expect(await world.affected(dba, "CREATE USER bob WITH PASSWORD 'p4ss' ROLE service")).toBe(1);
    expect([...world.users.passwords.values()]).toEqual(['p4ss']);
    await world.refuses(dba, 'CREATE USER bob', 'already_exists');
    expect(await world.affected(dba, 'CREATE USER IF NOT EXISTS bob')).toBe(0);
    await world.done(dba, 'ALTER USER bob ROLE user DISABLE');
    expect(await world.rows(dba, "SELECT name, role, disabled FROM system.users WHERE name = 'bob'")).toEqual([
      ['bob', 'user', true],
    ]);
    expect(await world.affected(dba, 'DROP USER bob')).toBe(1);
    await world.refuses(dba, 'DROP USER bob', 'not_found');
    expect(await world.affected(dba, 'DROP USER IF EXISTS bob')).toBe(0);
  });

  it.each([
    ['CREATE USER "a b"', 'invalid_name'],
    ['CREATE USER anonymous', 'invalid_name'],
    [`CREATE USER "${'x'.repeat(63)}${'y'.repeat(66)}"`, 'invalid_name'],
    ['CREATE USER root ROLE system', 'forbidden'],
    ['ALTER USER missing ROLE user', 'not_found'],
    ['ALTER USER ann ROLE system', 'forbidden'],
    ['ALTER USER root DISABLE', 'forbidden'],
    ['DROP USER root', 'forbidden'],
    ['DROP USER dba', 'forbidden'],
  ] as const)('%s by a dba is refused', async (sql, code) => {
    const world = new World();
    world.as('root', 'system');
    world.as('ann', 'user');
    await world.refuses(world.as('dba', 'dba'), sql, code);
  });

  it.each([
    'CREATE USER bob',
    'DROP USER ann',
    'DROP USER IF EXISTS bob',
    'ALTER USER ann ROLE dba',
    "ALTER USER loader PASSWORD 'x'",
  ])('%s by a user is refused', async (sql) => {
    const world = new World();
    world.as('loader', 'service');
    await world.refuses(world.as('ann', 'user'), sql, 'forbidden');
  });

  it('change their own password, and nothing else', async () => {
    const world = new World();
    const ann = world.as('ann', 'user');
    await world.done(ann, "ALTER USER ann PASSWORD 'mine'");
    expect([...world.users.passwords.values()]).toEqual(['mine']);
    await world.refuses(ann, "ALTER USER ann PASSWORD 'mine' ROLE dba", 'forbidden');
    await world.refuses(ann, 'ALTER USER ann ENABLE', 'forbidden');
  });

  it('that changed meanwhile are not changed blindly', async () => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    world.as('ann', 'user');
    const find = world.users.find.bind(world.users);
    world.users.find = async (tenantId, name) => {
      const found = await find(tenantId, name);
      if (found?.name === 'ann') await world.users.update(found, { role: 'system' });
      return found;
    };
    await world.refuses(dba, "ALTER USER ann PASSWORD 'x'", 'conflict');
    expect([...world.users.passwords.values()]).toEqual([]);
  });

  it('of one tenant are nobody in another', async () => {
    const world = new World();
    world.as('ann', 'user', { tenantId: 'other' });
    const dba = world.as('dba', 'dba');
    await world.refuses(dba, 'DROP USER ann', 'not_found');
    expect(await world.rows(dba, 'SELECT name FROM system.users')).toEqual([['dba']]);
  });
});
