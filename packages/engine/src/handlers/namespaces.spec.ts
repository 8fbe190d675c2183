import { describe, expect, it } from '@jest/globals';
import { World } from '../world.fixture.ts';

describe('CREATE NAMESPACE', () => {
  it('makes one, once', async () => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    expect(await world.affected(dba, "CREATE NAMESPACE one DESCRIPTION 'first'")).toBe(1);
    await world.refuses(dba, 'CREATE NAMESPACE one', 'already_exists');
    await world.refuses(dba, 'CREATE NAMESPACE ONE', 'already_exists');
    expect(await world.affected(dba, 'CREATE NAMESPACE IF NOT EXISTS one')).toBe(0);
    expect(await world.rows(dba, 'SHOW NAMESPACES')).toEqual([['one', 'embedded', 'first']]);
  });

  it.each([
    '"A b"',
    '"1a"',
    '_a',
    'a$b',
    `a${'b'.repeat(63)}`,
    'system',
    'information_schema',
    'pg_temp',
    'main',
    '"ä"',
  ])('refuses the name %s', async (name) => {
    const world = new World();
    await world.refuses(world.as('dba', 'dba'), `CREATE NAMESPACE ${name}`, 'invalid_name');
  });

  it('refuses a storage that is not there, and one that is not named where there is no default', async () => {
    const world = new World();
    await world.refuses(world.as('dba', 'dba'), 'CREATE NAMESPACE one STORAGE missing', 'not_found');
    const bare = new World({ defaultStorage: undefined as never });
    await bare.refuses(bare.as('dba', 'dba'), 'CREATE NAMESPACE one', 'invalid_argument');
  });

  it.each(['user', 'service'] as const)('is not for the role %s', async (role) => {
    const world = new World();
    await world.refuses(world.as('ann', role), 'CREATE NAMESPACE one', 'forbidden');
    expect(world.events).toMatchObject([{ action: 'create_namespace', target: 'one', outcome: 'denied' }]);
  });

  it('leaves nothing when the engine can not make it', async () => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    world.duck.failure = { of: /NAMESPACE/, code: 'execution_failed', when: 'before' };
    await world.refuses(dba, 'CREATE NAMESPACE one', 'execution_failed');
    expect(await world.affected(dba, 'CREATE NAMESPACE one')).toBe(1);
  });
});

describe('ALTER NAMESPACE', () => {
  it('describes and hands over', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const ann = world.as('ann', 'user');
    await world.refuses(ann, "ALTER NAMESPACE sales DESCRIPTION 'mine'", 'forbidden');
    await world.done(dba, 'ALTER NAMESPACE sales OWNER TO ann');
    expect(await world.affected(ann, "ALTER NAMESPACE sales DESCRIPTION 'mine'")).toBe(1);
    expect(await world.rows(ann, 'SHOW NAMESPACES')).toEqual([['sales', 'embedded', 'mine']]);
    await world.done(ann, 'CREATE TABLE t (a INTEGER)');
  });

  it.each([
    ['ALTER NAMESPACE missing OWNER TO ann', 'not_found'],
    ['ALTER NAMESPACE sales OWNER TO nobody', 'not_found'],
  ] as const)('%s is refused', async (sql, code) => {
    const world = await World.withSales();
    world.as('ann', 'user');
    await world.refuses(world.as('dba', 'dba'), sql, code);
  });

  it('is a dba to hand over, not an owner', async () => {
    const world = await World.withSales();
    const ann = world.as('ann', 'user');
    await world.done(world.as('dba', 'dba'), 'ALTER NAMESPACE sales OWNER TO ann');
    world.as('bob', 'user');
    await world.refuses(ann, 'ALTER NAMESPACE sales OWNER TO bob', 'forbidden');
  });
});

describe('DROP NAMESPACE', () => {
  it('drops an empty one, and says when there is none', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    expect(await world.affected(dba, 'DROP NAMESPACE sales')).toBe(1);
    await world.refuses(dba, 'DROP NAMESPACE sales', 'not_found');
    expect(await world.affected(dba, 'DROP NAMESPACE IF EXISTS sales')).toBe(0);
    expect(await world.affected(dba, 'CREATE NAMESPACE sales')).toBe(1);
  });

  it('keeps one with tables, unless CASCADE says to drop them, too', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); CREATE NAMESPACE sales2; CREATE TABLE sales2.t (a INTEGER)');
    const error = await world.refuses(dba, 'DROP NAMESPACE sales', 'in_use');
    expect(error.facts).toEqual({ tables: 1 });
    await world.done(dba, 'INSERT INTO t VALUES (1)');
    await world.done(dba, 'DROP NAMESPACE sales CASCADE');
    await world.done(dba, 'CREATE NAMESPACE sales');
    expect(await world.rows(dba, 'SHOW TABLES IN sales')).toEqual([]);
    expect(await world.rows(dba, 'SHOW TABLES IN sales2')).toHaveLength(1);
  });

  it('is its owner to drop, or a dba', async () => {
    const world = await World.withSales();
    await world.refuses(world.as('ann', 'service'), 'DROP NAMESPACE sales', 'forbidden');
    await world.refuses(world.as('ann', 'service'), 'DROP NAMESPACE missing', 'not_found');
  });
});
