import { describe, expect, it } from '@jest/globals';
import { ExecutionContext } from '../context/execution-context.ts';
import { World } from '../world.fixture.ts';

async function withTable() {
  const world = await World.withSales();
  const loader = world.as('loader', 'service');
  await world.done(loader, 'CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)');
  return {
    world,
    loader,
    ann: world.as('ann', 'user'),
    nobody: ExecutionContext.anonymous(world.engine, 'acme', { namespace: 'sales' }),
  };
}

describe('access levels', () => {
  it('let services read what is restricted, everybody what is public', async () => {
    const { world, loader, ann, nobody } = await withTable();
    const other = world.as('other', 'service');
    const may = async (): Promise<boolean[]> =>
      Promise.all(
        [other, ann, nobody].map(async (who) => (await world.run(who, 'SELECT * FROM t')).failure === undefined),
      );
    expect(await may()).toEqual([false, false, false]);
    expect(await world.affected(loader, 'ALTER TABLE t SET ACCESS restricted')).toBe(1);
    expect(await may()).toEqual([true, false, false]);
    await world.done(loader, 'ALTER TABLE t SET ACCESS LEVEL public');
    expect(await may()).toEqual([true, true, true]);
    expect(await world.affected(loader, 'ALTER TABLE t SET ACCESS public')).toBe(0);
    for (const who of [other, ann, nobody]) await world.refuses(who, 'INSERT INTO t VALUES (2)', 'forbidden');
  });

  it.each([
    ['ALTER TABLE missing SET ACCESS public', 'not_found'],
    ['ALTER TABLE t SET ACCESS public', 'forbidden'],
  ] as const)('%s of somebody else is refused', async (sql, code) => {
    const { world } = await withTable();
    await world.refuses(world.as('other', 'service'), sql, code);
  });
});

describe('GRANT and REVOKE', () => {
  it('let do what they say, until they say otherwise', async () => {
    const { world, loader, ann } = await withTable();
    await world.refuses(ann, 'INSERT INTO t VALUES (2)', 'forbidden');
    expect(await world.affected(loader, 'GRANT INSERT ON t TO USER ann')).toBe(1);
    expect(await world.affected(loader, 'GRANT INSERT ON t TO USER ann')).toBe(0);
    await world.done(ann, 'INSERT INTO t VALUES (2)');
    for (const sql of [
      'SELECT * FROM t',
      'UPDATE t SET a = 1',
      'DELETE FROM t',
      'INSERT INTO t VALUES (1) RETURNING a',
      'WITH x AS (DELETE FROM t RETURNING a) SELECT 1',
      'EXPLAIN SELECT * FROM t',
      'EXPLAIN ANALYZE DELETE FROM t',
      'SELECT 1 WHERE EXISTS (SELECT a FROM "T")',
      'INSERT INTO t SELECT a FROM sales.t',
    ]) {
      await world.refuses(ann, sql, 'forbidden');
    }
    await world.done(loader, 'GRANT ALL ON t TO USER ann; REVOKE DELETE ON t FROM USER ann');
    await world.done(ann, 'SELECT * FROM t; UPDATE t SET a = 1 WHERE a = 2');
    await world.refuses(ann, 'DELETE FROM t', 'forbidden');
    expect(await world.affected(loader, 'REVOKE ALL ON t FROM USER ann')).toBe(1);
    expect(await world.affected(loader, 'REVOKE ALL ON t FROM USER ann')).toBe(0);
    await world.refuses(ann, 'SELECT * FROM t', 'forbidden');
  });

  it('to a role reach those with a higher one', async () => {
    const { world, loader, ann, nobody } = await withTable();
    await world.done(loader, 'GRANT SELECT ON t TO ROLE user');
    await world.done(ann, 'SELECT * FROM t');
    await world.refuses(nobody, 'SELECT * FROM t', 'forbidden');
    await world.done(loader, 'GRANT SELECT ON t TO ROLE anonymous');
    await world.done(nobody, 'SELECT * FROM t');
  });

  it.each([
    ['GRANT SELECT ON t TO USER nobody', 'not_found'],
    ['GRANT SELECT ON missing TO USER ann', 'not_found'],
    ['REVOKE SELECT ON missing FROM ROLE user', 'not_found'],
    ['GRANT SELECT ON system.users TO ROLE user', 'not_found'],
  ] as const)('%s is refused', async (sql, code) => {
    const { world, loader } = await withTable();
    await world.refuses(loader, sql, code);
  });

  it('are for the owner and dbas; who is granted something can not pass it on', async () => {
    const { world, loader, ann } = await withTable();
    world.as('bob', 'user');
    await world.done(loader, 'GRANT ALL ON t TO USER ann');
    await world.refuses(ann, 'GRANT SELECT ON t TO USER bob', 'forbidden');
    await world.refuses(ann, 'REVOKE SELECT ON t FROM USER ann', 'forbidden');
    await world.done(world.as('dba', 'dba'), 'REVOKE ALL ON t FROM USER ann');
  });

  it('at the same time are all made', async () => {
    const { world, loader } = await withTable();
    const names = Array.from({ length: 8 }, (_, index) => `user${index}`);
    for (const name of names) world.as(name, 'user');
    await Promise.all(names.map((name) => world.done(loader, `GRANT SELECT ON t TO USER ${name}`)));
    await Promise.all(names.map((name) => world.done(world.as(name, 'user'), 'SELECT * FROM t')));
  });

  it('are bounded in number', async () => {
    const world = await World.withSales({ options: { maxGrants: 1 } });
    const dba = world.as('dba', 'dba');
    world.as('ann', 'user');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); GRANT SELECT ON t TO ROLE service');
    await world.refuses(dba, 'GRANT SELECT ON t TO USER ann', 'invalid_argument');
    await world.done(dba, 'GRANT INSERT ON t TO ROLE service; REVOKE ALL ON t FROM ROLE service');
    await world.done(dba, 'GRANT SELECT ON t TO USER ann');
  });
});

describe('EXECUTE AS USER', () => {
  it('runs with the rights of the other, and owns as the other', async () => {
    const { world, loader, ann } = await withTable();
    const dba = world.as('dba', 'dba');
    await world.refuses(dba, "EXECUTE AS USER 'ann' (SELECT * FROM t)", 'forbidden');
    await world.done(loader, 'GRANT SELECT ON t TO USER ann');
    expect(await world.rows(dba, "EXECUTE AS USER 'ann' (SELECT * FROM t)")).toEqual([[1]]);
    await world.done(dba, "EXECUTE AS USER 'loader' (CREATE TABLE theirs (a INTEGER))");
    await world.done(loader, 'DROP TABLE theirs');
    expect(await world.rows(ann, "EXECUTE AS USER 'ann' (SELECT * FROM t)")).toEqual([[1]]);
    expect(world.duck.openConnections).toBe(0);
  });

  it('goes down the roles or beside, never up, never sideways for a user', async () => {
    const { world, loader, ann, nobody } = await withTable();
    const dba = world.as('dba', 'dba');
    world.as('other', 'user');
    world.as('root', 'system');
    await world.refuses(ann, "EXECUTE AS USER 'other' (SELECT 1)", 'forbidden');
    await world.refuses(loader, "EXECUTE AS USER 'dba' (SELECT 1)", 'forbidden');
    await world.refuses(dba, "EXECUTE AS USER 'root' (SELECT 1)", 'forbidden');
    await world.refuses(nobody, "EXECUTE AS USER 'ann' (SELECT 1)", 'forbidden');
    await world.done(loader, "EXECUTE AS USER 'other' (SELECT 1)");
    await world.done(world.as('root', 'system'), "EXECUTE AS USER 'dba' (SELECT 1)");
  });

  it.each([
    ["EXECUTE AS USER 'nobody' (SELECT 1)", 'not_found'],
    ["EXECUTE AS USER 'ann' (SELECT * FROM missing)", 'not_found'],
    ["EXECUTE AS USER 'ann' (CREATE TABLE u (a INTEGER))", 'forbidden'],
    ["EXECUTE AS USER 'ann' (BEGIN)", 'unsupported_statement'],
    ["EXECUTE AS USER 'ann' (USE sales)", 'unsupported_statement'],
    ["EXECUTE AS USER 'ann' (SET timezone = 1)", 'unsupported_statement'],
    ["EXECUTE AS USER 'ann' (CREATE TEMP TABLE x (a INTEGER))", 'invalid_argument'],
  ] as const)('%s is refused', async (sql, code) => {
    const { world } = await withTable();
    await world.refuses(world.as('dba', 'dba'), sql, code);
  });

  it('is not for one who is disabled, or in another tenant', async () => {
    const { world } = await withTable();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'ALTER USER ann DISABLE');
    await world.refuses(dba, "EXECUTE AS USER 'ann' (SELECT 1)", 'forbidden');
    const elsewhere = world.as('far', 'dba', { tenantId: 'other' });
    const theirs = await world.refuses(elsewhere, "EXECUTE AS USER 'loader' (SELECT 1)", 'not_found');
    const none = await world.refuses(elsewhere, "EXECUTE AS USER 'nobody' (SELECT 1)", 'not_found');
    expect(theirs.message.replace('loader', 'nobody')).toBe(none.message);
  });

  it('leaves the session and its temporary tables to their user', async () => {
    const { world } = await withTable();
    const dba = world.as('dba', 'dba');
    const { failure } = await world.run(
      dba,
      "CREATE TEMP TABLE x (a INTEGER); EXECUTE AS USER 'ann' (SELECT * FROM x)",
    );
    expect(failure).toMatchObject({ index: 1, error: { code: 'not_found' } });
    expect(world.duck.openConnections).toBe(0);
  });
});
