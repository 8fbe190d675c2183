import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection, EngineRequest } from '@mooring/engine';
import { answer, failureOf, openWorld, requestOf, rowsOf, until } from '../engine.fixture.ts';
import type { World } from '../engine.fixture.ts';
import type { RedshiftEngine } from '../index.ts';

let world: World;
let engine: RedshiftEngine;

beforeAll(async () => {
  world = await openWorld();
  engine = world.engine();
  const connection = await world.connection(engine);
  await answer(connection, 'CREATE TABLE guarded AS SELECT 1 AS n');
  await connection.close();
  await world.admin.query('BEGIN; LOCK TABLE sales_acme.guarded IN ACCESS EXCLUSIVE MODE');
});
afterAll(async () => {
  await world.admin.query('ROLLBACK');
  await world.close();
});

/** Statements that wait for the table, at the database itself. */
async function waiting(): Promise<number> {
  const { rows } = await world.admin.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'sales_acme.guarded'::regclass",
  );
  return rows[0]?.n ?? 0;
}

async function begin(connection: EngineConnection, changes: Partial<EngineRequest> = {}) {
  const failing = failureOf(connection.run(requestOf('SELECT n FROM guarded', [], changes)));
  await until(async () => (await waiting()) === 1);
  return failing;
}

describe.each(['a shared session', 'a session of its own'])('a statement on %s', (kind) => {
  const open = async (): Promise<EngineConnection> => {
    const connection = await engine.connect(world.placeOf('acme'));
    if (kind !== 'a shared session') await answer(connection, "SET query_group TO 'own'");
    return connection;
  };

  it('ends at the warehouse when its caller cancels it', async () => {
    const connection = await open();
    const controller = new AbortController();
    const failing = failureOf(connection.run(requestOf('SELECT n FROM guarded', [], { signal: controller.signal })));
    await until(async () => (await waiting()) === 1);
    const { ListStatements: looked } = world.local.stats().operations;
    controller.abort();
    expect(await failing).toMatchObject({ code: 'cancelled', retryable: false });
    expect(await waiting()).toBe(0);
    // Found by its name, before the service has answered that it took it.
    expect(world.local.stats().operations.ListStatements).toBe(looked + 1);
    expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
    await connection.close();
  });

  it('ends at the warehouse when its time is over', async () => {
    const connection = await open();
    expect(await begin(connection, { timeoutMs: 6_000 })).toMatchObject({ code: 'timeout', retryable: false });
    expect(await waiting()).toBe(0);
    await connection.close();
  });

  it('ends at the warehouse when its connection is closed', async () => {
    const connection = await open();
    const failing = failureOf(connection.run(requestOf('SELECT n FROM guarded')));
    await until(async () => (await waiting()) === 1);
    await connection.close();
    expect((await failing).code).toBe('cancelled');
    expect(await waiting()).toBe(0);
  });

  it('is unavailable, and not cancelled, when its session is lost', async () => {
    const connection = await open();
    const failing = failureOf(connection.run(requestOf('SELECT n FROM guarded')));
    await until(async () => (await waiting()) === 1);
    await world.loseSessions();
    expect(await failing).toMatchObject({ code: 'unavailable', retryable: false });
    await until(async () => (await waiting()) === 0);
    await connection.close();
  });

  it('does not begin when it is cancelled already', async () => {
    const connection = await open();
    const before = world.local.stats().operations.ExecuteStatement;
    const error = await failureOf(connection.run(requestOf('SELECT 1', [], { signal: AbortSignal.abort() })));
    expect(error.code).toBe('cancelled');
    expect(world.local.stats().operations.ExecuteStatement).toBe(before);
    await connection.close();
  });
});

describe('the engine', () => {
  it('ends what runs when it is closed', async () => {
    const closing = world.engine();
    const connection = await closing.connect(world.placeOf('acme'));
    const failing = failureOf(connection.run(requestOf('SELECT n FROM guarded')));
    await until(async () => (await waiting()) === 1);
    await closing.close();
    expect((await failing).code).toBe('cancelled');
    expect(await waiting()).toBe(0);
  });
});
