import assert from 'node:assert/strict';
import type { PoolKey, PoolSlot, StoreBackend } from '@mooring/session-store';
import { accepted, countOf, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { LIFETIME, allPages, openedSession, poolRequest } from '../samples.ts';

const TTL_MS = 10_000;
const KEY: PoolKey = { target: 'warehouse', tenantId: 'acme', identity: 'reader' };
const GLOBEX: PoolKey = { ...KEY, tenantId: 'globex' };
const ONE = { maxPerKey: 1, maxPerTarget: 10 };

async function slotsOf(store: StoreBackend): Promise<readonly PoolSlot[]> {
  return (await store.pool.list({ target: 'warehouse' }, { limit: 100 })).items;
}

export const poolCaps: Checks = {
  'of 40 takers at once no more than the cap of the key get a slot': async (trial) => {
    const results = await parallel(trial, 40, (store) =>
      store.pool.acquire(poolRequest({ maxPerKey: 5, maxPerTarget: 50 })),
    );
    assert.equal(
      countOf(results, ({ ok }) => ok),
      5,
    );
    for (const result of results) if (!result.ok) refusedAs(result, 'key_full');
    assert.equal((await slotsOf(trial.store)).length, 5);
  },

  'of 40 takers of 8 keys no more than the cap of the target get a slot': async (trial) => {
    const results = await parallel(trial, 40, (store, index) =>
      store.pool.acquire(
        poolRequest({ key: { ...KEY, tenantId: `tenant-${index % 8}` }, maxPerKey: 50, maxPerTarget: 7 }),
      ),
    );
    assert.equal(
      countOf(results, ({ ok }) => ok),
      7,
    );
    for (const result of results) if (!result.ok) refusedAs(result, 'target_full');
  },

  'an opening counts until what it may have opened is certainly closed': async ({ store, clock }) => {
    accepted(await store.pool.acquire(poolRequest({ ...ONE, aliveForMs: 70_000 })));
    await clock.advance(TTL_MS + 70_000 - 1);
    refusedAs(await store.pool.acquire(poolRequest(ONE)), 'key_full');
    await clock.advance(1);
    accepted(await store.pool.acquire(poolRequest(ONE)));
  },

  'an abandoned dirty session counts until it is certainly closed': async ({ store, clock }) => {
    const lease = await openedSession(store, 'session-1', ONE);
    await store.pool.renew([{ lease, lifetime: LIFETIME, dirty: true }], TTL_MS);
    await clock.advance(LIFETIME.aliveForMs - 1);
    refusedAs(await store.pool.acquire(poolRequest(ONE)), 'key_full');
    await clock.advance(1);
    assert.equal(accepted(await store.pool.acquire(poolRequest(ONE))).sessionId, null);
  },

  'an idle session that is past its use counts until it is certainly closed': async ({ store, clock }) => {
    accepted(await store.pool.release(await openedSession(store, 'session-1', ONE), LIFETIME));
    await clock.advance(LIFETIME.usableForMs);
    refusedAs(await store.pool.acquire(poolRequest(ONE)), 'key_full');
    await clock.advance(LIFETIME.aliveForMs - LIFETIME.usableForMs);
    accepted(await store.pool.acquire(poolRequest(ONE)));
  },

  'a session that is given out counts for as long as a taker that dies may leave it open': async ({ store, clock }) => {
    accepted(await store.pool.release(await openedSession(store, 'session-1', ONE), LIFETIME));
    await clock.advance(LIFETIME.usableForMs - 1);
    const aliveForMs = 2 * LIFETIME.aliveForMs;
    accepted(await store.pool.acquire(poolRequest({ ...ONE, aliveForMs })));
    assert.equal((await slotsOf(store))[0]?.aliveUntil, clock.now() + TTL_MS + aliveForMs);
    await clock.advance(TTL_MS + aliveForMs - 1);
    refusedAs(await store.pool.acquire(poolRequest(ONE)), 'key_full');
    await clock.advance(1);
    assert.equal(accepted(await store.pool.acquire(poolRequest(ONE))).sessionId, null);
  },

  'a lease counts as long as it lasts, whatever the session': async ({ store, clock }) => {
    const lease = await openedSession(store, 'session-1', ONE);
    const [renewed] = await store.pool.renew([{ lease, lifetime: { usableForMs: 0, aliveForMs: 0 } }], TTL_MS);
    assert.ok(renewed?.ok);
    refusedAs(await store.pool.acquire(poolRequest(ONE)), 'key_full');
    assert.equal((await slotsOf(store))[0]?.aliveUntil, clock.now() + TTL_MS);
    await clock.advance(TTL_MS);
    accepted(await store.pool.acquire(poolRequest(ONE)));
  },

  'a discarded session that is closed frees its slot at once': async ({ store }) => {
    accepted(await store.pool.discard(await openedSession(store, 'session-1', ONE), 0));
    assert.deepEqual(await slotsOf(store), []);
    assert.equal(accepted(await store.pool.acquire(poolRequest(ONE))).sessionId, null);
  },

  'a session that is closing drains: it counts, and is not given out': async ({ store, clock }) => {
    const lease = await openedSession(store, 'session-1', ONE);
    accepted(await store.pool.discard(lease, 5000));
    const [slot] = await slotsOf(store);
    assert.equal(slot?.state, 'draining');
    assert.equal(slot.aliveUntil, clock.now() + 5000);
    refusedAs(await store.pool.discard(lease, 0), 'lost');
    await clock.advance(4999);
    refusedAs(await store.pool.acquire(poolRequest(ONE)), 'key_full');
    await clock.advance(1);
    assert.deepEqual(await slotsOf(store), []);
    assert.equal(accepted(await store.pool.acquire(poolRequest(ONE))).sessionId, null);
  },

  'a full key says so even when the target is full too; another key learns of the target': async ({ store }) => {
    const caps = { maxPerKey: 1, maxPerTarget: 1 };
    accepted(await store.pool.acquire(poolRequest(caps)));
    refusedAs(await store.pool.acquire(poolRequest(caps)), 'key_full');
    refusedAs(await store.pool.acquire(poolRequest({ ...caps, key: GLOBEX })), 'target_full');
    accepted(await store.pool.acquire(poolRequest({ ...caps, key: { ...KEY, target: 'lake' } })));
  },

  'the list shows each slot that counts once, in a stable order': async ({ store, clock }) => {
    const caps = { maxPerKey: 20, maxPerTarget: 20 };
    for (let index = 0; index < 5; index++) {
      await openedSession(store, `session-${index}`, { ...caps, key: index % 2 === 0 ? KEY : GLOBEX });
    }
    const gone = await openedSession(store, 'gone', caps);
    accepted(await store.pool.discard(gone, 1000));
    await clock.advance(1000);
    const whole = (await slotsOf(store)).map(({ slotId }) => slotId);
    assert.equal(whole.length, 5);
    for (const limit of [1, 2, 5]) {
      const slots = await allPages(limit, (page) => store.pool.list({ target: 'warehouse' }, page));
      assert.deepEqual(
        slots.map(({ slotId }) => slotId),
        whole,
      );
    }
    const ofGlobex = await allPages(1, (page) => store.pool.list({ target: 'warehouse', tenantId: 'globex' }, page));
    assert.equal(ofGlobex.length, 2);
  },
};
