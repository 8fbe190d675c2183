import { describe, expect, it } from '@jest/globals';
import { ExecutionContext } from '../context/execution-context.ts';
import { World } from '../world.fixture.ts';

describe('SHOW and DESCRIBE', () => {
  it('show tables to those who may use them', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const ann = world.as('ann', 'user');
    await world.done(dba, 'CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER); CREATE TABLE c (x INTEGER)');
    await world.done(dba, 'GRANT INSERT ON b TO USER ann; ALTER TABLE c SET ACCESS public');
    expect(await world.rows(ann, 'SHOW TABLES')).toEqual([
      ['b', 'table', 'private'],
      ['c', 'table', 'public'],
    ]);
    expect(await world.rows(ann, 'SHOW TABLES IN sales')).toHaveLength(2);
    expect(await world.rows(ann, 'SHOW TABLES IN system')).toHaveLength(12);
  });

  it('describe what may be read', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const ann = world.as('ann', 'user');
    await world.done(dba, 'CREATE TABLE t (x INTEGER, y VARCHAR); GRANT INSERT ON t TO USER ann');
    const columns = [
      ['x', 'INTEGER'],
      ['y', 'VARCHAR'],
    ];
    expect(await world.rows(dba, 'DESCRIBE t')).toEqual(columns);
    expect(await world.rows(world.as('dba', 'dba', { namespace: null }), 'DESC TABLE sales.t')).toEqual(columns);
    await world.refuses(ann, 'DESCRIBE t', 'forbidden');
    expect(await world.rows(ann, 'DESCRIBE system.stats')).toEqual([
      ['name', 'VARCHAR'],
      ['value', 'DOUBLE'],
    ]);
    expect(await world.rows(dba, 'CREATE TEMP TABLE p (q INTEGER); DESCRIBE p')).toEqual([['q', 'INTEGER']]);
  });

  it.each([
    ['SHOW TABLES IN missing', 'not_found'],
    ['DESCRIBE missing', 'not_found'],
    ['DESCRIBE missing.t', 'not_found'],
    ['DESCRIBE system.missing', 'not_found'],
  ] as const)('%s is refused', async (sql, code) => {
    const world = await World.withSales();
    await world.refuses(world.as('dba', 'dba'), sql, code);
  });

  it.each(['SHOW NAMESPACES', 'SHOW STORAGES', 'SHOW TABLES IN system', 'DESCRIBE system.users'])(
    '%s is not for somebody unknown',
    async (sql) => {
      const world = await World.withSales();
      await world.refuses(ExecutionContext.anonymous(world.engine, 'acme'), sql, 'forbidden');
    },
  );
});

describe('KILL', () => {
  it('ends a statement of one’s own, and any of the tenant for a dba', async () => {
    const world = await World.withSales();
    const [ann, bob] = [world.as('ann', 'user'), world.as('bob', 'user')];
    for (const killer of [ann, world.as('dba', 'dba')]) {
      const running = world.run(ann, 'SELECT wait()');
      await new Promise((resolve) => void setImmediate(resolve));
      const [query] = world.engine.queries.list('acme');
      const id = query?.id ?? '';
      const notBobs = await world.refuses(bob, `KILL QUERY '${id}'`, 'not_found');
      await world.refuses(world.as('far', 'dba', { tenantId: 'other' }), `KILL QUERY '${id}'`, 'not_found');
      await world.refuses(ExecutionContext.anonymous(world.engine, 'acme'), `KILL QUERY '${id}'`, 'not_found');
      expect(notBobs.message).toBe(`there is no query ${id}`);
      expect(await world.affected(killer, `KILL QUERY '${id}'`)).toBe(1);
      expect((await running).failure?.error).toMatchObject({
        code: 'cancelled',
        message: expect.stringContaining('KILL QUERY'),
      });
      await world.refuses(killer, `KILL QUERY '${id}'`, 'not_found');
    }
  });

  it('of a job is not known without jobs', async () => {
    const world = await World.withSales();
    await world.refuses(world.as('dba', 'dba'), "KILL JOB 'j'", 'unsupported_statement');
  });
});
