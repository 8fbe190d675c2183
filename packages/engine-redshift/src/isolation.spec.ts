import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection } from '@mooring/engine';
import { answer, failureOf, openWorld, rowsOf } from './engine.fixture.ts';
import type { World } from './engine.fixture.ts';
import type { RedshiftEngine } from './index.ts';

const TENANTS = ['acme', 'globex', 'initech', 'umbrella'];

let world: World;
let engines: readonly RedshiftEngine[];

beforeAll(async () => {
  world = await openWorld({ faults: { connectDelayMs: 20 } });
  engines = [world.engine(), world.engine()];
  for (const tenant of TENANTS) {
    for (const namespace of [`one_${tenant}`, `two_${tenant}`]) {
      const connection = await world.connection(engineOf(0), tenant, namespace);
      await answer(connection, 'CREATE TABLE place (name VARCHAR(80))');
      await answer(connection, 'INSERT INTO place VALUES ($1)', [namespace]);
      await answer(connection, 'CREATE TABLE log (entry VARCHAR(80))');
      await connection.close();
    }
  }
});
afterAll(() => world.close());

function engineOf(caller: number): RedshiftEngine {
  const engine = engines[caller % engines.length];
  if (engine === undefined) throw new Error('no engine');
  return engine;
}

describe('32 callers of 4 tenants, in 2 namespaces each and on 2 processes,', () => {
  const callers = Array.from({ length: 32 }, (_, caller) => {
    const tenant = TENANTS[caller % 4] ?? '';
    const namespace = `${caller % 8 < 4 ? 'one' : 'two'}_${tenant}`;
    return { caller, tenant, namespace, connect: () => engineOf(caller).connect(world.placeOf(tenant, namespace)) };
  });

  const once = async (connect: () => Promise<EngineConnection>, sql: string, parameters: readonly string[] = []) => {
    const connection = await connect();
    try {
      return await rowsOf(connection, sql, parameters);
    } finally {
      await connection.close();
    }
  };

  it('share sessions, and each sees its namespace alone, whatever others leave in theirs', async () => {
    const before = world.local.stats();
    await Promise.all(
      callers.map(async ({ caller, namespace, connect }) => {
        for (let round = 0; round < 5; round++) {
          expect(await once(connect, 'SELECT name, current_user::varchar FROM place')).toEqual([
            [namespace, `user_${world.placeOf(TENANTS[caller % 4] ?? '').storage.tenantId}`],
          ]);
          if (caller % 8 !== round) continue;
          const own = await connect();
          await answer(own, "SET timezone TO 'Asia/Tokyo'");
          await answer(
            own,
            'CREATE TEMPORARY TABLE place AS SELECT $1::varchar AS name'.replace('$1', `'temp ${caller}'`),
          );
          await answer(own, 'BEGIN TRANSACTION');
          await answer(own, 'INSERT INTO log VALUES ($1)', [`open ${caller}`]);
          expect(await rowsOf(own, 'SELECT name FROM place')).toEqual([[`temp ${caller}`]]);
          expect(await rowsOf(own, "SELECT '2024-01-01 00:00:00+00'::timestamptz")).toEqual([
            ['2024-01-01T09:00:00+09:00'],
          ]);
          await own.close();
        }
        expect(await once(connect, "SELECT '2024-01-01 00:00:00+00'::timestamptz")).toEqual([['2024-01-01T00:00:00Z']]);
        expect(await once(connect, 'SELECT entry FROM log')).toEqual([]);
      }),
    );
    const { operations, sessionsOpened, maxConcurrentStatementsPerSession } = world.local.stats();
    expect(maxConcurrentStatementsPerSession).toBe(1);
    const statements = operations.ExecuteStatement - before.operations.ExecuteStatement;
    expect(statements).toBeGreaterThan(32 * 7);
    expect(sessionsOpened - before.sessionsOpened).toBeLessThan(statements / 3);
  });

  it('can name nothing of others', async () => {
    const attacker = await engineOf(0).connect(world.placeOf('acme', 'one_acme'));
    for (const sql of [
      'SELECT * FROM one_globex.place',
      'SELECT * FROM place JOIN two_globex.place AS other ON true',
      "INSERT INTO one_globex.place VALUES ('mine')",
      'DELETE FROM one_globex.place',
      'DROP TABLE one_globex.place',
      'CREATE TABLE one_globex.mine AS SELECT 1 AS n',
      'CREATE VIEW v AS SELECT * FROM one_globex.place',
    ]) {
      expect(await failureOf(answer(attacker, sql))).toMatchObject({ code: 'forbidden' });
    }
    await attacker.close();
  });
});
