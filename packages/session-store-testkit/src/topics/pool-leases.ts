import assert from 'node:assert/strict';
import { accepted, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { DAY_MS, LIFETIME, openedSession, poolRequest } from '../samples.ts';

const TTL_MS = 10_000;

export const poolLeases: Checks = {
  'an empty pool answers a slot to open a session in': async ({ store, second, clock }) => {
    const request = poolRequest();
    const lease = accepted(await store.pool.acquire(request));
    assert.deepEqual(lease, {
      key: request.key,
      slotId: lease.slotId,
      leaseId: request.leaseId,
      sessionId: null,
      fencingToken: lease.fencingToken,
      leaseExpiresAt: clock.now() + TTL_MS,
      recovered: false,
      openedAt: null,
      usableUntil: null,
      retireAt: null,
    });
    const [slot] = (await second.pool.list({ target: 'warehouse' }, { limit: 10 })).items;
    assert.equal(slot?.state, 'opening');
    assert.equal(slot.holder, 'host-1');
  },

  'a registered session is leased and has its deadlines': async ({ store, second, clock }) => {
    const lease = accepted(await store.pool.acquire(poolRequest()));
    await clock.advance(250);
    const session = { sessionId: 'session-1', ...LIFETIME, retireAfterMs: DAY_MS };
    const registered = accepted(await store.pool.register(lease, session));
    const now = clock.now();
    assert.deepEqual(registered, {
      ...lease,
      sessionId: 'session-1',
      openedAt: now,
      usableUntil: now + LIFETIME.usableForMs,
      retireAt: now + DAY_MS,
    });
    const [slot] = (await second.pool.list({ target: 'warehouse' }, { limit: 10 })).items;
    assert.deepEqual(slot, {
      key: lease.key,
      slotId: lease.slotId,
      state: 'leased',
      sessionId: 'session-1',
      holder: 'host-1',
      fencingToken: lease.fencingToken,
      dirty: false,
      leaseExpiresAt: lease.leaseExpiresAt,
      openedAt: now,
      usableUntil: now + LIFETIME.usableForMs,
      retireAt: now + DAY_MS,
      aliveUntil: now + LIFETIME.aliveForMs,
    });
  },

  'a retry with the same lease id answers the same lease': async ({ store, second, clock }) => {
    const request = poolRequest({ maxPerKey: 5 });
    const lease = accepted(await store.pool.acquire(request));
    await clock.advance(1000);
    assert.deepEqual(accepted(await second.pool.acquire(request)), lease);
    const session = { sessionId: 'session-1', ...LIFETIME, retireAfterMs: DAY_MS };
    const registered = accepted(await store.pool.register(lease, session));
    assert.deepEqual(accepted(await second.pool.acquire(request)), registered);
    assert.equal((await store.pool.list({ target: 'warehouse' }, { limit: 10 })).items.length, 1);
  },

  '20 retries at once with one lease id answer one lease': async (trial) => {
    const request = poolRequest({ maxPerKey: 10, maxPerTarget: 10 });
    const leases = (await parallel(trial, 20, (store) => store.pool.acquire(request))).map((lease) => accepted(lease));
    assert.equal(new Set(leases.map(({ slotId }) => slotId)).size, 1);
    assert.equal(new Set(leases.map(({ fencingToken }) => fencingToken)).size, 1);
  },

  'an ended lease is lost for every operation, to the millisecond': async ({ store, clock }) => {
    const lease = await openedSession(store, 'session-1');
    await clock.advance(TTL_MS - 1);
    const [renewed] = await store.pool.renew([{ lease, lifetime: LIFETIME }], TTL_MS);
    assert.ok(renewed?.ok);
    await clock.advance(TTL_MS);
    const session = { sessionId: 'session-2', ...LIFETIME, retireAfterMs: DAY_MS };
    refusedAs(await store.pool.register(lease, session), 'lost');
    refusedAs(await store.pool.release(lease, LIFETIME), 'lost');
    refusedAs(await store.pool.discard(lease, 0), 'lost');
    const [late] = await store.pool.renew([{ lease, lifetime: LIFETIME }], TTL_MS);
    assert.deepEqual(late, { ok: false, reason: 'lost' });
  },

  "a former holder does nothing to the next one's lease": async ({ store, second, clock }) => {
    const former = await openedSession(store, 'session-1');
    await clock.advance(TTL_MS);
    const next = accepted(await second.pool.acquire(poolRequest({ holder: 'host-2' })));
    assert.equal(next.sessionId, 'session-1');
    assert.ok(next.fencingToken > former.fencingToken, 'the fencing token must grow');
    refusedAs(await store.pool.release(former, LIFETIME), 'lost');
    refusedAs(await store.pool.discard(former, 0), 'lost');
    refusedAs(await store.pool.discard({ ...former, fencingToken: next.fencingToken }, 0), 'lost');
    assert.equal((await store.pool.renew([{ lease: former, lifetime: LIFETIME }], TTL_MS))[0]?.ok, false);
    assert.equal((await second.pool.renew([{ lease: next, lifetime: LIFETIME }], TTL_MS))[0]?.ok, true);
  },

  'a lease that was taken again under its id is lost to its former token': async ({ store, clock }) => {
    const request = poolRequest({ maxPerKey: 1 });
    const former = await openedSession(store, 'session-1', request);
    await clock.advance(TTL_MS);
    const again = accepted(await store.pool.acquire(request));
    assert.deepEqual([again.slotId, again.leaseId, again.recovered], [former.slotId, former.leaseId, true]);
    refusedAs(await store.pool.discard(former, 0), 'lost');
    refusedAs(await store.pool.release(former, LIFETIME), 'lost');
    assert.equal((await store.pool.renew([{ lease: former, lifetime: LIFETIME }], TTL_MS))[0]?.ok, false);
    accepted(await store.pool.release(again, LIFETIME));
  },

  'renewing extends many leases at once and answers each in order': async ({ store, clock }) => {
    const caps = { maxPerKey: 3, maxPerTarget: 3 };
    const one = await openedSession(store, 'session-1', caps);
    const gone = await openedSession(store, 'session-2', caps);
    const opening = accepted(await store.pool.acquire(poolRequest(caps)));
    accepted(await store.pool.discard(gone, 0));
    await clock.advance(5000);
    const renewals = [one, gone, opening].map((lease) => ({ lease, lifetime: LIFETIME }));
    const answers = await store.pool.renew(renewals, TTL_MS);
    assert.deepEqual(
      answers.map(({ ok }) => ok),
      [true, false, true],
    );
    const now = clock.now();
    const [first, , third] = answers;
    assert.ok(first?.ok && third?.ok);
    assert.deepEqual(first.value.lease, {
      ...one,
      leaseExpiresAt: now + TTL_MS,
      usableUntil: now + LIFETIME.usableForMs,
    });
    assert.deepEqual(third.value.lease, { ...opening, leaseExpiresAt: now + TTL_MS });
    assert.deepEqual(await store.pool.renew([], TTL_MS), []);
  },
};
