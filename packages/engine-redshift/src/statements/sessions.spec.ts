import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answer, failureOf, openWorld, requestOf, rowsOf, until } from '../engine.fixture.ts';
import type { World } from '../engine.fixture.ts';
import type { RedshiftEngine } from '../index.ts';

let world: World;
let engine: RedshiftEngine;

beforeAll(async () => {
  world = await openWorld();
  engine = world.engine();
});
afterAll(() => world.close());

async function sessionsOf(name: string): Promise<readonly number[]> {
  const { rows } = await world.admin.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE usename = $1 AND application_name = 'redshift-data-local'",
    [`user_${world.tenant(name)}`],
  );
  return rows.map(({ pid }) => pid);
}

describe('a connection', () => {
  it('asks nothing of the warehouse when it is made, and shares sessions for single statements', async () => {
    await (await world.connection(engine)).close();
    const before = world.local.stats();
    for (let round = 0; round < 5; round++) {
      const connection = await engine.connect(world.placeOf('acme'));
      expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
      await connection.close();
    }
    const { sessionsOpened, operations } = world.local.stats();
    expect(sessionsOpened - before.sessionsOpened).toBe(1);
    expect(operations.ExecuteStatement - before.operations.ExecuteStatement).toBe(5);
    expect(engine.stats().connections).toBe(0);
  });

  it('has temporary tables, settings and a transaction of its own from the first one on', async () => {
    const [own, other] = [await world.connection(engine, 'keeps'), await world.connection(engine, 'keeps')];
    await answer(own, 'CREATE TABLE shared (n INTEGER)');
    await answer(own, 'CREATE TEMPORARY TABLE t AS SELECT 1 AS n');
    await answer(own, "SET query_group TO 'mine'");
    await answer(own, 'BEGIN TRANSACTION');
    expect((await answer(own, 'INSERT INTO shared SELECT n FROM t')).rowsAffected).toBe(1);
    expect(await rowsOf(own, 'SELECT n FROM shared')).toEqual([[1]]);
    expect(await rowsOf(other, 'SELECT n FROM shared')).toEqual([]);
    await answer(own, 'COMMIT');
    expect(await rowsOf(other, 'SELECT n FROM shared')).toEqual([[1]]);
    await answer(own, 'BEGIN TRANSACTION');
    await answer(own, 'DELETE FROM shared');
    await answer(own, 'ROLLBACK');
    expect(await rowsOf(own, 'SELECT n FROM shared')).toEqual([[1]]);
    await answer(own, 'RESET query_group');
    expect((await failureOf(answer(other, 'SELECT n FROM t'))).code).toBe('not_found');
    await Promise.all([own.close(), other.close()]);
  });

  it('has nothing to end or undo before that', async () => {
    const connection = await world.connection(engine);
    expect((await failureOf(answer(connection, 'COMMIT'))).code).toBe('no_transaction');
    expect((await failureOf(answer(connection, 'ROLLBACK'))).code).toBe('no_transaction');
    expect(await rowsOf(connection, 'RESET timezone')).toEqual([]);
    await connection.close();
  });

  it('lets a transaction fail as a whole', async () => {
    const connection = await world.connection(engine);
    await answer(connection, 'BEGIN TRANSACTION');
    expect((await failureOf(answer(connection, 'SELECT 1 / 0'))).code).toBe('execution_failed');
    expect((await failureOf(answer(connection, 'SELECT 1'))).code).toBe('conflict');
    await answer(connection, 'ROLLBACK');
    expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
    await connection.close();
  });

  it('closes its session, and with it an open transaction and its locks', async () => {
    const connection = await world.connection(engine, 'locks');
    await answer(connection, 'CREATE TABLE t (n INTEGER)');
    await answer(connection, 'BEGIN TRANSACTION');
    await answer(connection, 'INSERT INTO t VALUES (1)');
    await connection.close();
    await connection.close();
    const other = await engine.connect(world.placeOf('locks'));
    await answer(other, 'DROP TABLE t');
    expect((await failureOf(answer(connection, 'SELECT 1'))).code).toBe('unavailable');
    await other.close();
  });

  it.each(['idle', 'in a transaction'])('says that its session is lost, ever after: %s', async (state) => {
    const tenant = state === 'idle' ? 'lost' : 'losing';
    const connection = await world.connection(engine, tenant);
    await answer(connection, 'CREATE TEMPORARY TABLE t AS SELECT 1 AS n');
    if (state !== 'idle') await answer(connection, 'BEGIN TRANSACTION');
    await killSessions(tenant);
    for (let round = 0; round < 2; round++) {
      const error = await failureOf(answer(connection, 'SELECT 1'));
      expect(error).toMatchObject({ code: 'unavailable', retryable: false });
    }
    expect((await failureOf(answer(connection, 'SELECT n FROM t'))).message).toContain('session is gone');
    await connection.close();
  });

  it('has sessions that another engine knows as those of its namespace and database user', async () => {
    const sessions = { initStatements: ['SET query_group TO 1'] };
    const connection = await world.connection(world.engine({ sessions }), 'known');
    await rowsOf(connection, 'SELECT 1');
    const { key, databaseUser } = world.engine({ sessions }).sessionsOf(world.placeOf('known'));
    const { items } = await world.pool.list({ target: key.target, tenantId: key.tenantId }, { limit: 10 });
    expect(items.map((slot) => slot.key)).toEqual([key]);
    expect(databaseUser).toBe(`user_${world.tenant('known')}`);
    expect(engine.sessionsOf(world.placeOf('known', 'other')).key.identity).not.toBe(key.identity);
    await connection.close();
  });

  it('replaces a shared session that is gone, since nothing was in it', async () => {
    const connection = await world.connection(engine, 'replaced');
    expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
    await world.loseSessions();
    expect(await rowsOf(connection, 'SELECT 2')).toEqual([[2]]);
    await connection.close();
  });

  it('is refused while the pool has no session, within half of its time', async () => {
    const small = world.engine({ sessions: { maxSessionsPerKey: 1 } });
    const holder = await world.connection(small, 'small');
    await answer(holder, 'BEGIN TRANSACTION');
    const other = await small.connect(world.placeOf('small'));
    const error = await failureOf(answer(other, 'SELECT 1', [], { timeoutMs: 12_000 }));
    expect(error).toMatchObject({ code: 'too_busy', retryable: true });
    await holder.close();
    await until(async () => (await other.run(requestOf('SELECT 1')).catch(() => undefined)) !== undefined);
    await other.close();
  });

  it('is told when the warehouse is away or throttles', async () => {
    const impatient = world.engine({ sessions: { busyTimeoutMs: 50, resolveUnknownMs: 50 } });
    const connection = await world.connection(impatient, 'away');
    await rowsOf(connection, 'SELECT 1');
    world.local.faults.set({ throttle: { ExecuteStatement: 0 } });
    expect(await failureOf(answer(connection, 'SELECT 1'))).toMatchObject({ code: 'too_busy', retryable: true });
    world.local.faults.set({ throttle: 'off' });
    await connection.close();
  });

  it('leaves nothing behind of namespaces that nobody uses', async () => {
    const many = world.engine();
    const used = await many.connect(world.placeOf('acme', 'used'));
    for (let index = 0; index < 300; index++) {
      const connection = await many.connect(world.placeOf('acme', `unused_${index}`));
      await connection.close();
    }
    expect(many.stats().namespaces).toBeLessThanOrEqual(100);
    expect(await rowsOf(used, 'SELECT 1')).toEqual([[1]]);
    await many.close();
  });

  it('ends with its engine', async () => {
    const ending = world.engine();
    const connection = await world.connection(ending, 'ending');
    await answer(connection, 'BEGIN TRANSACTION');
    await ending.close();
    expect((await failureOf(answer(connection, 'SELECT 1'))).code).toBe('unavailable');
    expect((await failureOf(ending.connect(world.placeOf('ending')))).code).toBe('unavailable');
  });
});

async function killSessions(tenant: string): Promise<void> {
  await world.admin.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [await sessionsOf(tenant)]);
  await until(async () => (await sessionsOf(tenant)).length === 0);
}
