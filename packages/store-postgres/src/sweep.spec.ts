import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewSession } from '@mooring/session-store';
import type { PostgresStore } from './index.ts';
import { Scratch, newSession, times } from './postgres.fixture.ts';

let scratch: Scratch;
let now = 1_800_000_000_000;
const clock = { now: () => now };

beforeAll(async () => {
  scratch = await Scratch.start();
});

afterAll(() => scratch?.stop());

const drain = async (store: PostgresStore, limit: number): Promise<number[]> => {
  const batches: number[] = [];
  for (;;) {
    const swept = await store.sweep({ target: 'sessions', limit });
    if (!swept.ok) throw new Error(swept.reason);
    if (swept.value.deleted > 0) batches.push(swept.value.deleted);
    if (!swept.value.more) return batches;
  }
};

describe('sweep', () => {
  it('never deletes a session that is touched meanwhile, and deletes each dead one once', async () => {
    const store = await scratch.store({ namespace: 'busy', clock });
    const other = await scratch.store({ namespace: 'busy', clock });
    const dead = times(600, () => newSession({ subjectId: null, idleTimeoutMs: 1000 }));
    const live = times(60, () => newSession({ subjectId: null, idleTimeoutMs: 1000 }));
    await Promise.all([...dead, ...live].map((session) => store.sessions.create(session)));
    now += 999;
    await Promise.all(live.map((session) => store.sessions.touch(session)));
    now += 500;
    let sweeping = true;
    const touching = Promise.all(
      live.map(async (session) => {
        while (sweeping) expect((await store.sessions.touch(session)).ok).toBe(true);
      }),
    );
    const batches = (await Promise.all([drain(store, 50), drain(other, 50)])).flat();
    sweeping = false;
    await touching;
    expect(batches.reduce((sum, batch) => sum + batch, 0)).toBe(600);
    expect(Math.max(...batches)).toBeLessThanOrEqual(50);
    expect(await scratch.sql(`select count(*)::int as left from mooring_sessions where namespace = 'busy'`)).toEqual([
      { left: 60 },
    ]);
  });

  it('passes over a row that a transaction holds, and does not wait for it', async () => {
    const store = await scratch.store({ namespace: 'held', clock });
    const held = newSession({ idleTimeoutMs: 1000 });
    const free = newSession({ idleTimeoutMs: 1000 });
    await store.sessions.create(held);
    await store.sessions.create(free);
    now += 1000;
    const holder = await scratch.connection();
    await holder.query('begin');
    await holder.query('select from mooring_sessions where id = $1 for update', [held.id]);
    expect(await store.sweep({ target: 'sessions', limit: 10 })).toMatchObject({ value: { deleted: 1, more: false } });
    await holder.query('rollback');
    expect(await store.sweep({ target: 'sessions', limit: 10 })).toMatchObject({ value: { deleted: 1, more: false } });
  });

  it('leaves a session that comes back to life between its snapshot and its lock', async () => {
    const start = now;
    const toucher = await scratch.store({ namespace: 'revived', clock: { now: () => start + 999 } });
    const sweeper = await scratch.store({ namespace: 'revived', clock: { now: () => start + 1000 } });
    let saved = 0;
    for (let round = 0; round < 10; round += 1) {
      const sessions = times(100, () => newSession({ subjectId: null, idleTimeoutMs: 1000 }));
      const creator = await scratch.store({ namespace: 'revived', clock: { now: () => start } });
      await Promise.all(sessions.map((session) => creator.sessions.create(session)));
      const [touched] = await Promise.all([
        Promise.all(sessions.map((session) => toucher.sessions.touch(session))),
        drain(sweeper, 7),
      ]);
      for (const [index, session] of sessions.entries()) {
        const expected = touched[index]?.ok === true ? { ok: true } : { ok: false, reason: 'not_found' };
        expect(await sweeper.sessions.get(session)).toMatchObject(expected);
      }
      saved += touched.filter(({ ok }) => ok).length;
      await creator.close();
    }
    expect(saved).toBeGreaterThan(0);
    expect(saved).toBeLessThan(1000);
  });

  it('looks again at what it found for later batches: a live session may be in the place of a dead one by then', async () => {
    const store = await scratch.store({ namespace: 'places', clock });
    const neighbour = await scratch.store({ namespace: 'places2', clock });
    const places = async () =>
      (await scratch.sql<{ place: string }>(`select ctid::text as place from mooring_sessions order by ctid`)).map(
        ({ place }) => place,
      );
    // One after the other: sessions that are created at once may get a page each.
    const createEach = async (at: PostgresStore, sessions: readonly NewSession[]): Promise<void> => {
      for (const session of sessions) await at.sessions.create(session);
    };
    await scratch.sql('truncate mooring_sessions');
    await createEach(
      store,
      times(8, () => newSession({ idleTimeoutMs: 1000 })),
    );
    now += 1000;
    expect(await store.sweep({ target: 'sessions', limit: 2 })).toMatchObject({ value: { deleted: 2, more: true } });
    const found = await places();
    await scratch.sql('delete from mooring_sessions');
    await scratch.sql('vacuum mooring_sessions');
    const others = times(4, () => newSession({ idleTimeoutMs: 1000 }));
    const live = times(4, () => newSession({ idleTimeoutMs: 1000 }));
    await createEach(neighbour, others);
    now += 1000;
    await createEach(store, live);
    expect(await places()).toEqual(expect.arrayContaining(found));
    for (let batch = 0; batch < 4; batch += 1) {
      expect(await store.sweep({ target: 'sessions', limit: 2 })).toMatchObject({ value: { deleted: 0 } });
    }
    expect(await places()).toHaveLength(8);
  });

  it('keeps tombstones until the absolute deadline and the namespaces apart', async () => {
    const store = await scratch.store({ namespace: 'tombs', clock });
    const neighbour = await scratch.store({ namespace: 'tombs2', clock });
    const session = newSession({ idleTimeoutMs: 1000, lifetimeMs: 7_200_000 });
    await store.sessions.create(session);
    await neighbour.sessions.create(session);
    await store.sessions.revoke(session, 'logout');
    now += 7_199_999;
    expect(await store.sweep({ target: 'sessions', limit: 10 })).toMatchObject({ value: { deleted: 0 } });
    expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
    now += 1;
    expect(await store.sweep({ target: 'sessions', limit: 10, dryRun: true })).toMatchObject({
      value: { deleted: 1, more: false, oldestExpiredAgeMs: 0 },
    });
    expect(await store.sweep({ target: 'sessions', limit: 10 })).toMatchObject({ value: { deleted: 1 } });
    expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'not_found' });
    expect(await neighbour.sessions.get(session)).toEqual({ ok: false, reason: 'expired_absolute' });
  });

  it('forgets the notBefore of subjects without sessions, a day later', async () => {
    const store = await scratch.store({ namespace: 'subjects', clock });
    const subject = { tenantId: 'tenant', subjectId: 'subject' };
    const rows = () => scratch.sql(`select from mooring_subjects where namespace = 'subjects'`);
    await store.sessions.create(newSession({ lifetimeMs: 172_800_000 }));
    await store.sessions.revokeWhere(subject, 'logout');
    now += 86_400_000;
    await store.sweep({ target: 'sessions', limit: 10 });
    expect(await rows()).toHaveLength(1);
    now += 86_400_000;
    await store.sweep({ target: 'sessions', limit: 10 });
    await store.sweep({ target: 'sessions', limit: 10 });
    expect(await rows()).toHaveLength(0);
  });

  it('refuses a sweeper whose lease went to another', async () => {
    const store = await scratch.store({ namespace: 'fences', clock });
    const first = await store.leases.acquire('sweeper', 'a', 1000);
    now += 1000;
    const second = await store.leases.acquire('sweeper', 'b', 1000);
    if (!first.ok || !second.ok) throw new Error('no lease');
    const sweepAs = (fencingToken: number) =>
      store.sweep({ target: 'sessions', limit: 1, fence: { lease: 'sweeper', fencingToken } });
    expect(await sweepAs(first.value.fencingToken)).toEqual({ ok: false, reason: 'stale' });
    expect(await sweepAs(second.value.fencingToken)).toMatchObject({ ok: true });
    now += 1000;
    expect(await store.sweep({ target: 'leases', limit: 10 })).toMatchObject({ value: { deleted: 1 } });
    expect(await sweepAs(first.value.fencingToken)).toEqual({ ok: false, reason: 'stale' });
    const third = await store.leases.acquire('sweeper', 'c', 1000);
    expect(third.ok && third.value.fencingToken > second.value.fencingToken).toBe(true);
  });
});
