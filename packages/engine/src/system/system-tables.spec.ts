import { describe, expect, it } from '@jest/globals';
import { ExecutionContext } from '../context/execution-context.ts';
import { World } from '../world.fixture.ts';

describe('the system schema', () => {
  it('has twelve tables, whose rows have as many values as columns', async () => {
    const world = await World.withSales();
    const root = world.as('root', 'system');
    await world.done(root, 'CREATE TABLE t (a INTEGER)');
    world.executor.openSession(root);
    expect(world.engine.system.tables.map(({ name }) => name)).toEqual([
      'users',
      'namespaces',
      'storages',
      'tables',
      'columns',
      'sessions',
      'warehouse_sessions',
      'queries',
      'jobs',
      'audit_log',
      'settings',
      'stats',
    ]);
    for (const { name, columns } of world.engine.system.tables) {
      const rows = await world.rows(root, `SELECT * FROM system.${name}`);
      for (const row of rows) expect({ name, count: row.length }).toEqual({ name, count: columns.length });
      if (name !== 'jobs' && name !== 'warehouse_sessions') expect({ name, rows }).not.toMatchObject({ rows: [] });
    }
  });

  it('is not for somebody unknown', async () => {
    const world = await World.withSales();
    const nobody = ExecutionContext.anonymous(world.engine, 'acme');
    await world.refuses(nobody, 'SELECT * FROM system.stats', 'forbidden');
  });

  it('shows users what is theirs, and dbas what is the tenant’s', async () => {
    const world = await World.withSales();
    const [dba, ann] = [world.as('dba', 'dba'), world.as('ann', 'user')];
    await world.done(
      dba,
      'CREATE TABLE hidden (a INTEGER); CREATE TABLE seen (a INTEGER); ALTER TABLE seen SET ACCESS public',
    );
    world.executor.openSession(dba);
    world.executor.openSession(ann);
    const count = async (who: ExecutionContext, table: string): Promise<unknown> =>
      (await world.rows(who, `SELECT count(*) FROM system.${table}`))[0]?.[0];
    const counts = async (who: ExecutionContext): Promise<unknown[]> =>
      Promise.all(
        ['users', 'tables', 'columns', 'sessions', 'storages', 'audit_log'].map((table) => count(who, table)),
      );
    expect(await counts(ann)).toEqual([1n, 1n, 1n, 1n, 0n, 0n]);
    expect((await counts(dba)).slice(0, 5)).toEqual([2n, 2n, 2n, 2n, 1n]);
    expect(await world.rows(ann, 'SELECT * FROM system.stats')).toEqual([]);
    expect(await world.rows(dba, "SELECT * FROM system.stats WHERE name LIKE 'process%'")).toEqual([]);
    const root = world.as('root', 'system');
    expect(await world.rows(root, "SELECT * FROM system.stats WHERE name LIKE 'process%'")).toHaveLength(8);
  });

  it('shows what runs now, with its progress, until it ends', async () => {
    const world = await World.withSales();
    const [dba, ann] = [world.as('dba', 'dba'), world.as('ann', 'user')];
    const running = world.run(ann, 'SELECT wait()');
    await new Promise((resolve) => void setImmediate(resolve));
    const [query] = world.engine.queries.list('acme');
    if (query !== undefined) query.progress = 0.5;
    world.clock.move(1500);
    const sql =
      "SELECT query_id, user_id, kind, namespace, state, progress, statement, elapsed_ms FROM system.queries WHERE user_id = 'id-ann'";
    expect(await world.rows(dba, sql)).toEqual([
      [query?.id, 'id-ann', 'select', 'sales', 'running', 0.5, 'SELECT wait()', 1500],
    ]);
    expect(await world.rows(world.as('bob', 'user'), sql)).toEqual([]);
    query?.cancel('enough');
    await running;
    expect(await world.rows(dba, sql)).toEqual([]);
  });

  it('shows the rows of sources, those of the tenant alone', async () => {
    const values = { session_id: 's1', kind: 'token', unknown: 1 };
    const sessions = async () => [
      { tenantId: 'acme', userId: 'id-ann', values },
      { tenantId: 'acme', userId: null, values: { session_id: 's2' } },
      { tenantId: 'other', userId: 'id-ann', values: { session_id: 's3' } },
    ];
    const world = await World.withSales({ sources: { sessions } });
    const sql = 'SELECT session_id, kind, role FROM system.sessions ORDER BY session_id';
    expect(await world.rows(world.as('ann', 'user'), sql)).toEqual([['s1', 'token', null]]);
    expect(await world.rows(world.as('dba', 'dba'), sql)).toHaveLength(2);
  });

  it('asks no more of the engine than the tables that are meant', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE a (x INTEGER, y VARCHAR); CREATE TABLE b (x INTEGER)');
    world.duck.requests.length = 0;
    const sql = "SELECT position, name, type FROM system.columns WHERE namespace = 'sales' AND table_name = 'a'";
    expect(await world.rows(dba, sql)).toEqual([
      [1, 'x', 'INTEGER'],
      [2, 'y', 'VARCHAR'],
    ]);
    expect(world.duck.requests.map(({ sql: sent }) => sent)).toEqual(['SELECT * FROM "a" LIMIT 0']);
    expect(world.duck.openConnections).toBe(0);
  });
});
