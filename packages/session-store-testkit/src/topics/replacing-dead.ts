import assert from 'node:assert/strict';
import { accepted, countOf, failsWith, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { digest, isAlive, refOf, sessionOf } from '../samples.ts';

const OVER_DEAD = { replace: 'dead' } as const;

export const replacingDead: Checks = {
  'the place of an expired session can be taken, where asked for': async ({ store, second, clock }) => {
    const session = sessionOf({ subjectId: null, data: { of: 'first' }, idleTimeoutMs: 1000 });
    const first = accepted(await store.sessions.create(session, OVER_DEAD));
    assert.equal(first.version, 1);
    refusedAs(await second.sessions.create(session, OVER_DEAD), 'exists');
    await clock.advance(1000);
    refusedAs(await store.sessions.create(session), 'exists');
    const next = accepted(await store.sessions.create({ ...session, data: { of: 'next' } }, OVER_DEAD));
    assert.deepEqual([next.version, next.data, next.createdAt], [2, { of: 'next' }, clock.now()]);
    assert.deepEqual(accepted(await second.sessions.get(refOf(session))), next);
  },

  'the place of a revoked session can be taken, and nothing of it is left': async ({ store, clock }) => {
    const session = sessionOf({ subjectId: null, verifier: digest('a') });
    accepted(await store.sessions.create(session));
    const rotation = { presented: digest('a'), next: digest('b'), graceMs: 0 };
    accepted(await store.sessions.rotate(refOf(session), rotation));
    accepted(await store.sessions.revoke(refOf(session), 'logout'));
    await clock.advance(1);
    const next = accepted(await store.sessions.create({ ...session, verifier: digest('c') }, OVER_DEAD));
    assert.deepEqual([next.version, next.rotatedAt, next.verifier], [3, null, digest('c')]);
    refusedAs(await store.sessions.touch(refOf(session), { presented: digest('a') }), 'mismatch');
    accepted(await store.sessions.touch(refOf(session), { presented: digest('c') }));
    const { items } = await store.sessions.list({ tenantId: session.tenantId }, { limit: 10 });
    assert.deepEqual(
      items.map(({ id }) => id),
      [session.id],
    );
  },

  'a session in the place of a dead one lives for as long as it should': async ({ store, clock }) => {
    const session = sessionOf({ subjectId: null, idleTimeoutMs: 1000, lifetimeMs: 5000 });
    accepted(await store.sessions.create(session));
    await clock.advance(1000);
    accepted(await store.sessions.create({ ...session, idleTimeoutMs: 10_000, lifetimeMs: 10_000 }, OVER_DEAD));
    await clock.advance(9999);
    await store.sweep({ target: 'sessions', limit: 100 });
    assert.ok(await isAlive(store, refOf(session)));
    await clock.advance(1);
    refusedAs(await store.sessions.get(refOf(session)), 'expired_absolute', 'expired_idle');
  },

  'a late update does not reach what took the place': async ({ store, second, clock }) => {
    const session = sessionOf({ subjectId: null, idleTimeoutMs: 1000 });
    const first = accepted(await store.sessions.create(session));
    await clock.advance(1000);
    accepted(await store.sessions.create(session, OVER_DEAD));
    refusedAs(await second.sessions.update(refOf(session), first.version, { data: { late: true } }), 'conflict');
  },

  'of 20 that would take one place, one does': async (trial) => {
    const session = sessionOf({ subjectId: null, idleTimeoutMs: 1000 });
    accepted(await trial.store.sessions.create(session));
    await trial.clock.advance(1000);
    const results = await parallel(trial, 20, (store, index) =>
      store.sessions.create({ ...session, data: { index } }, OVER_DEAD),
    );
    assert.equal(
      countOf(results, ({ ok }) => ok),
      1,
    );
    for (const result of results) if (!result.ok) refusedAs(result, 'exists');
    const winner = results.findIndex(({ ok }) => ok);
    assert.deepEqual(accepted(await trial.second.sessions.get(refOf(session))).data, { index: winner });
  },

  'the place of a session of somebody is never taken': async ({ store, clock }) => {
    const session = sessionOf({ idleTimeoutMs: 1000 });
    accepted(await store.sessions.create(session));
    await clock.advance(1000);
    await failsWith('invalid_argument', store.sessions.create(session, OVER_DEAD));
    refusedAs(await store.sessions.create({ ...session, subjectId: null }, OVER_DEAD), 'exists');
    refusedAs(await store.sessions.get(refOf(session)), 'expired_idle');
  },
};
