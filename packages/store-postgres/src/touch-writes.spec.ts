import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Scratch, digest, eventually, newSession, times } from './postgres.fixture.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await Scratch.start();
});

afterAll(() => scratch?.stop());

interface Updates {
  readonly updated: number;
  readonly hot: number;
}

const updates = async (): Promise<Updates> =>
  (
    await scratch.sql<Updates>(
      `select n_tup_upd::int as updated, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = 'mooring_sessions'`,
    )
  )[0] as Updates;

describe('what a touch writes', () => {
  it('is nothing, not even a lock, when the session was seen lately', async () => {
    const store = await scratch.store();
    const session = newSession({ verifier: digest('a') });
    await store.sessions.create(session);
    const state = () =>
      scratch.sql('select xmin::text, xmax::text, ctid::text from mooring_sessions where id = $1', [session.id]);
    const before = await state();
    for (let round = 0; round < 10; round += 1) {
      const seen = await store.sessions.touch(session, { presented: digest('a'), minIntervalMs: 60_000 });
      expect(seen.ok).toBe(true);
      await store.sessions.touch(session, { presented: digest('x') });
      await store.sessions.get(session);
    }
    expect(await state()).toEqual(before);
    await store.sessions.touch(session);
    expect(await state()).not.toEqual(before);
  });

  it('stays out of the indexes: the updates are heap-only', async () => {
    const before = (await updates()).updated;
    const store = await scratch.store({ namespace: 'hot' });
    const sessions = times(100, () => newSession());
    await Promise.all(sessions.map((session) => store.sessions.create(session)));
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(sessions.map((session) => store.sessions.touch(session)));
    }
    await store.close();
    const after = await eventually(updates, ({ updated }) => updated >= before + 2000);
    expect(after.updated).toBeGreaterThanOrEqual(before + 2000);
    expect(after.hot / after.updated).toBeGreaterThan(0.9);
  });
});
