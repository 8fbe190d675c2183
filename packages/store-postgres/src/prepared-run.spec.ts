import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { Scratch, newSession, times } from './postgres.fixture.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await Scratch.start();
});

afterAll(() => scratch?.stop());

interface Describing {
  readonly connection: { describe: (portal: unknown) => void };
}

/** Counts how often the server is asked what rows look like. */
async function describing(pool: Pool): Promise<() => number> {
  const client = await pool.connect();
  const { connection } = client as unknown as Describing;
  const describe = connection.describe.bind(connection);
  let asked = 0;
  connection.describe = (portal) => {
    asked += 1;
    describe(portal);
  };
  client.release();
  return () => asked;
}

describe('runs of a statement', () => {
  it('have its rows described by the first one only', async () => {
    const pool = scratch.pool(1);
    const store = await scratch.store({ pool, namespace: 'described' });
    const asked = await describing(pool);
    const session = newSession();
    await store.sessions.create(session);
    await store.sessions.get(session);
    const before = asked();
    const found = await Promise.all(times(20, () => store.sessions.get(session)));
    expect(found.every(({ ok }) => ok)).toBe(true);
    expect(asked()).toBe(before);
  });

  it('take lists with whatever is in them', async () => {
    const store = await scratch.store({ namespace: 'lists' });
    const policy = { limit: 1, windowMs: 60_000, lockStepsMs: [60_000], resetAfterMs: 60_000 };
    for (const value of ['a"b', 'a\\b', 'a,b', '{}', 'NULL', ' ', "'", 'ä']) {
      const keys = [{ scope: 'account' as const, value, policy }];
      expect([value, (await store.attempts.check('t', keys)).allowed]).toEqual([value, true]);
      await store.attempts.recordFailure('t', keys);
      expect([value, (await store.attempts.check('t', keys)).allowed]).toEqual([value, false]);
    }
  });

  it('are the driver’s own where a line is shared', async () => {
    const pool = new Pool({ connectionString: scratch.url, max: 1, pipeline: true });
    const store = await scratch.store({ pool, namespace: 'shared' });
    const session = newSession();
    expect((await store.sessions.create(session)).ok).toBe(true);
    expect((await store.sessions.get(session)).ok).toBe(true);
    await pool.end();
  });
});

describe('a connection', () => {
  it('goes back to the pool at the end of the turn, and at once to who waits for it', async () => {
    const pool = scratch.pool(1);
    const store = await scratch.store({ pool, namespace: 'kept' });
    const session = newSession();
    await store.sessions.create(session);
    const other = pool.connect();
    const found = times(5, () => store.sessions.get(session));
    (await other).release();
    expect((await Promise.all(found)).every(({ ok }) => ok)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0]);
  });
});
