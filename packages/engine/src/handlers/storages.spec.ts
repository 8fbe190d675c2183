import { describe, expect, it } from '@jest/globals';
import { World } from '../world.fixture.ts';

describe('CREATE STORAGE', () => {
  it('makes one, once', async () => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    const sql = "CREATE STORAGE wh TYPE redshift DESCRIPTION 'far' WORKGROUP 'w' DATABASE 'd'";
    expect(await world.affected(dba, sql)).toBe(1);
    await world.refuses(dba, sql, 'already_exists');
    expect(await world.affected(dba, 'CREATE STORAGE IF NOT EXISTS wh TYPE parquet')).toBe(0);
    expect(await world.rows(dba, 'SHOW STORAGES')).toEqual([
      ['embedded', 'duckdb', 'of every tenant'],
      ['wh', 'redshift', 'far'],
    ]);
    const [row] = await world.rows(dba, "SELECT options FROM system.storages WHERE name = 'wh'");
    expect(JSON.parse(row?.[0] as string)).toEqual({ workgroup: 'w', database: 'd' });
  });

  it.each([
    ["CREATE STORAGE wh TYPE redshift PASSWORD 'x'", 'invalid_storage'],
    ["CREATE STORAGE wh TYPE redshift SECRET 'x'", 'invalid_storage'],
    ["CREATE STORAGE wh TYPE redshift SECRET_ACCESS_KEY 'x'", 'invalid_storage'],
    ["CREATE STORAGE lake TYPE parquet PATH 'bad'", 'invalid_storage'],
    ['CREATE STORAGE "A b" TYPE parquet', 'invalid_name'],
    ['CREATE STORAGE system TYPE parquet', 'invalid_name'],
    ['CREATE STORAGE embedded TYPE duckdb', 'already_exists'],
  ] as const)('%s is refused, and leaves nothing', async (sql, code) => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    await world.refuses(dba, sql, code);
    expect(await world.rows(dba, 'SHOW STORAGES')).toHaveLength(1);
  });

  it('takes a reference to a secret', async () => {
    const world = new World();
    await world.done(world.as('dba', 'dba'), "CREATE STORAGE wh TYPE redshift SECRET_ARN 'arn:aws:secret'");
  });

  it('needs an engine for its type', async () => {
    const world = new World({ engines: [], defaultStorage: undefined as never });
    await world.refuses(world.as('dba', 'dba'), 'CREATE STORAGE lake TYPE parquet', 'no_engine');
  });

  it.each(['CREATE STORAGE a TYPE parquet', 'DROP STORAGE a', "ALTER STORAGE a DESCRIPTION 'x'", 'SHOW STORAGES'])(
    '%s is for a dba',
    async (sql) => {
      const world = new World();
      await world.refuses(world.as('ann', 'service'), sql, 'forbidden');
    },
  );
});

describe('ALTER STORAGE', () => {
  it('describes it at any time, and moves it while nothing is in it', async () => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    await world.done(dba, "CREATE STORAGE lake TYPE parquet PATH 'a'; ALTER STORAGE lake PATH 'b'");
    await world.refuses(dba, "ALTER STORAGE lake PATH 'bad'", 'invalid_storage');
    await world.done(dba, 'CREATE NAMESPACE one STORAGE lake');
    await world.refuses(dba, "ALTER STORAGE lake PATH 'c'", 'in_use');
    await world.done(dba, "ALTER STORAGE lake DESCRIPTION 'wet'");
    expect(await world.rows(dba, "SELECT description, options FROM system.storages WHERE name = 'lake'")).toEqual([
      ['wet', '{"path":"b"}'],
    ]);
  });

  it.each([
    ["ALTER STORAGE missing DESCRIPTION 'x'", 'not_found'],
    ["ALTER STORAGE embedded DESCRIPTION 'x'", 'invalid_argument'],
    ["ALTER STORAGE lake TOKEN 'x'", 'invalid_storage'],
  ] as const)('%s is refused', async (sql, code) => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE STORAGE lake TYPE parquet');
    await world.refuses(dba, sql, code);
  });
});

describe('DROP STORAGE', () => {
  it('drops one that nothing is in', async () => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE STORAGE lake TYPE parquet; CREATE NAMESPACE one STORAGE lake');
    const error = await world.refuses(dba, 'DROP STORAGE lake', 'in_use');
    expect(error.message).toContain('one');
    await world.done(dba, 'DROP NAMESPACE one');
    expect(await world.affected(dba, 'DROP STORAGE lake')).toBe(1);
    await world.refuses(dba, 'DROP STORAGE lake', 'not_found');
    expect(await world.affected(dba, 'DROP STORAGE IF EXISTS lake')).toBe(0);
    await world.refuses(dba, 'DROP STORAGE embedded', 'invalid_argument');
    expect(world.duck.dropped).toEqual(['lake']);
  });

  it.each([
    ['in_use', 'stays as it was', 1],
    ['unavailable', 'is hidden until the statement is repeated', 0],
  ] as const)('whose engine answers %s: it %s', async (code, _, left) => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE STORAGE lake TYPE parquet');
    world.duck.failure = { of: /DROP STORAGE/, when: 'before', code };
    await world.refuses(dba, 'DROP STORAGE lake', code);
    expect(await world.rows(dba, "SELECT name FROM system.storages WHERE name = 'lake'")).toHaveLength(left);
    expect(await world.affected(dba, 'DROP STORAGE lake')).toBe(1);
  });
});
