import assert from 'node:assert/strict';
import { accepted, countOf, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { LIFETIME, openedSession, poolRequest } from '../samples.ts';

const TTL_MS = 10_000;
const WIDE = { maxPerKey: 50, maxPerTarget: 100 };

export const poolSharing: Checks = {
  'the session that was used last is given out first': async ({ store, second, clock }) => {
    const leases = [];
    for (const id of ['session-1', 'session-2', 'session-3']) leases.push(await openedSession(store, id, WIDE));
    for (const index of [1, 2, 0]) {
      await clock.advance(1);
      const lease = leases[index];
      if (lease !== undefined) accepted(await store.pool.release(lease, LIFETIME));
    }
    for (const sessionId of ['session-1', 'session-3', 'session-2', null]) {
      const lease = accepted(await second.pool.acquire(poolRequest(WIDE)));
      assert.equal(lease.sessionId, sessionId);
      assert.equal(lease.recovered, false);
    }
  },

  'a session whose holder let its lease end is recovered, after what is idle': async ({ store, second, clock }) => {
    const abandoned = await openedSession(store, 'abandoned', WIDE);
    const idle = await openedSession(store, 'idle', WIDE);
    accepted(await store.pool.release(idle, LIFETIME));
    await clock.advance(TTL_MS);
    const [slot] = (await second.pool.list({ target: 'warehouse' }, { limit: 10 })).items.filter(
      ({ slotId }) => slotId === abandoned.slotId,
    );
    assert.equal(slot?.state, 'abandoned');
    const first = accepted(await second.pool.acquire(poolRequest(WIDE)));
    assert.deepEqual([first.sessionId, first.recovered], ['idle', false]);
    const next = accepted(await second.pool.acquire(poolRequest(WIDE)));
    assert.deepEqual([next.sessionId, next.recovered, next.slotId], ['abandoned', true, abandoned.slotId]);
    accepted(await second.pool.release(next, LIFETIME));
    assert.equal(accepted(await store.pool.acquire(poolRequest(WIDE))).recovered, false);
  },

  'a session is not recovered before its lease ends': async ({ store, second, clock }) => {
    await openedSession(store, 'session-1', WIDE);
    await clock.advance(TTL_MS - 1);
    assert.equal(accepted(await second.pool.acquire(poolRequest(WIDE))).sessionId, null);
  },

  'a slot whose holder died while opening is never given out': async ({ store, second, clock }) => {
    const opening = accepted(await store.pool.acquire(poolRequest(WIDE)));
    await clock.advance(TTL_MS);
    assert.notEqual(accepted(await second.pool.acquire(poolRequest(WIDE))).slotId, opening.slotId);
  },

  'a dirty session is never given out again': async ({ store, second, clock }) => {
    const abandoned = await openedSession(store, 'abandoned', WIDE);
    const released = await openedSession(store, 'released', WIDE);
    const dirty = [abandoned, released].map((lease) => ({ lease, lifetime: LIFETIME, dirty: true }));
    for (const answer of await store.pool.renew(dirty, TTL_MS)) assert.ok(answer.ok);
    const clean = [abandoned, released].map((lease) => ({ lease, lifetime: LIFETIME, dirty: false }));
    for (const answer of await store.pool.renew(clean, TTL_MS)) assert.ok(answer.ok);
    accepted(await store.pool.release(released, LIFETIME));
    await clock.advance(TTL_MS);
    for (let index = 0; index < 4; index++) {
      assert.equal(accepted(await second.pool.acquire(poolRequest(WIDE))).sessionId, null);
    }
    const slots = (await second.pool.list({ target: 'warehouse' }, { limit: 10 })).items;
    assert.equal(
      countOf(slots, (slot) => slot.dirty),
      2,
    );
  },

  'a session that is past its use is not given out, to the millisecond': async ({ store, second, clock }) => {
    const lease = await openedSession(store, 'session-1', WIDE);
    accepted(await store.pool.release(lease, { usableForMs: 1000, aliveForMs: 5000 }));
    await clock.advance(999);
    const taken = accepted(await second.pool.acquire(poolRequest(WIDE)));
    assert.equal(taken.sessionId, 'session-1');
    accepted(await second.pool.release(taken, { usableForMs: 1000, aliveForMs: 5000 }));
    await clock.advance(1000);
    assert.equal(accepted(await second.pool.acquire(poolRequest(WIDE))).sessionId, null);
  },

  'a session that is due to retire is not given out': async ({ store, clock }) => {
    const lease = accepted(await store.pool.acquire(poolRequest(WIDE)));
    const session = { sessionId: 'old', ...LIFETIME, retireAfterMs: 1000 };
    const opened = accepted(await store.pool.register(lease, session));
    await clock.advance(1000);
    accepted(await store.pool.release(opened, LIFETIME));
    assert.equal(accepted(await store.pool.acquire(poolRequest(WIDE))).sessionId, null);
  },

  'a refusal changes nothing for who holds': async ({ store, second }) => {
    const lease = await openedSession(store, 'session-1', { maxPerKey: 1 });
    refusedAs(await second.pool.acquire(poolRequest({ maxPerKey: 1 })), 'key_full');
    accepted(await store.pool.release(lease, LIFETIME));
    assert.equal(accepted(await second.pool.acquire(poolRequest({ maxPerKey: 1 }))).sessionId, 'session-1');
  },
};
