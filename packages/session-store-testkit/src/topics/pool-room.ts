import assert from 'node:assert/strict';
import type { PoolKey, PoolLease, StoreBackend } from '@mooring/session-store';
import { accepted, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { LIFETIME, openedSession, poolRequest } from '../samples.ts';

const TTL_MS = 10_000;
const KEY: PoolKey = { target: 'warehouse', tenantId: 'acme', identity: 'reader' };
const GLOBEX: PoolKey = { ...KEY, tenantId: 'globex' };

async function isWanted(store: StoreBackend, lease: PoolLease): Promise<boolean> {
  const [answer] = await store.pool.renew([{ lease, lifetime: LIFETIME }], TTL_MS);
  assert.ok(answer?.ok, 'the lease was lost');
  return answer.value.wanted;
}

const room = (leaseId: string, holder = 'host-2') => ({ target: 'warehouse', holder, leaseId, leaseTtlMs: TTL_MS });

/** `wanted`, and `reclaim`: how sessions get to where they are needed. */
export const poolRoom: Checks = {
  'a holder sees that another was refused a session of its key': async ({ store, second }) => {
    const caps = { maxPerKey: 1 };
    const lease = await openedSession(store, 'session-1', caps);
    assert.equal(await isWanted(store, lease), false);
    refusedAs(await second.pool.acquire(poolRequest({ ...caps, holder: 'host-2' })), 'key_full');
    assert.equal(await isWanted(store, lease), true);
  },

  "a holder's own refusal makes nothing wanted": async ({ store }) => {
    const lease = await openedSession(store, 'session-1', { maxPerKey: 1 });
    refusedAs(await store.pool.acquire(poolRequest({ maxPerKey: 1 })), 'key_full');
    assert.equal(await isWanted(store, lease), false);
  },

  'a full key makes only its own sessions wanted, a full target all of them': async ({ store, second }) => {
    const acme = await openedSession(store, 'session-1', { key: KEY, maxPerKey: 1 });
    const globex = await openedSession(store, 'session-2', { key: GLOBEX, maxPerKey: 1 });
    const caps = { holder: 'host-2', maxPerKey: 1, maxPerTarget: 2 };
    refusedAs(await second.pool.acquire(poolRequest({ ...caps, key: KEY })), 'key_full');
    assert.deepEqual([await isWanted(store, acme), await isWanted(store, globex)], [true, false]);
    refusedAs(await second.pool.acquire(poolRequest({ ...caps, key: { ...KEY, identity: 'writer' } })), 'target_full');
    assert.deepEqual([await isWanted(store, acme), await isWanted(store, globex)], [true, true]);
  },

  'a refusal is forgotten after a while': async ({ store, second, clock }) => {
    let lease = await openedSession(store, 'session-1', { maxPerKey: 1 });
    refusedAs(await second.pool.acquire(poolRequest({ holder: 'host-2', maxPerKey: 1 })), 'key_full');
    for (let step = 0; step < 6; step++) {
      await clock.advance(TTL_MS / 2);
      const [answer] = await store.pool.renew([{ lease, lifetime: LIFETIME }], TTL_MS);
      assert.ok(answer?.ok);
      lease = answer.value.lease;
    }
    assert.equal(await isWanted(store, lease), false);
  },

  'a wanted session that is given back goes to who wants it': async ({ store, second }) => {
    const lease = await openedSession(store, 'session-1', { maxPerKey: 1 });
    refusedAs(await second.pool.acquire(poolRequest({ holder: 'host-2', maxPerKey: 1 })), 'key_full');
    accepted(await store.pool.release(lease, LIFETIME));
    const taken = accepted(await second.pool.acquire(poolRequest({ holder: 'host-2', maxPerKey: 1 })));
    assert.equal(taken.sessionId, 'session-1');
  },

  'reclaiming leases the idle session that was not used for longest, of any key': async ({ store, second, clock }) => {
    const leases = [
      await openedSession(store, 'session-1', { key: GLOBEX }),
      await openedSession(store, 'session-2', { key: KEY }),
      await openedSession(store, 'busy', { key: KEY }),
    ];
    for (const lease of leases.slice(0, 2)) {
      await clock.advance(1);
      accepted(await store.pool.release(lease, LIFETIME));
    }
    const first = accepted(await second.pool.reclaim(room('room-1')));
    assert.deepEqual([first.sessionId, first.key, first.leaseId], ['session-1', GLOBEX, 'room-1']);
    assert.equal(first.leaseExpiresAt, clock.now() + TTL_MS);
    assert.deepEqual(accepted(await second.pool.reclaim(room('room-1'))), first);
    assert.equal(accepted(await second.pool.reclaim(room('room-2'))).sessionId, 'session-2');
    refusedAs(await second.pool.reclaim(room('room-3')), 'none_idle');
    accepted(await second.pool.discard(first, 0));
    assert.equal((await store.pool.list({ target: 'warehouse' }, { limit: 10 })).items.length, 2);
  },

  'reclaiming takes an abandoned session only when it is dirty': async ({ store, second, clock }) => {
    await openedSession(store, 'clean');
    const dirty = await openedSession(store, 'dirty');
    await store.pool.renew([{ lease: dirty, lifetime: LIFETIME, dirty: true }], TTL_MS);
    refusedAs(await second.pool.reclaim(room('room-1')), 'none_idle');
    await clock.advance(TTL_MS);
    const lease = accepted(await second.pool.reclaim(room('room-2')));
    assert.deepEqual([lease.sessionId, lease.recovered], ['dirty', true]);
    refusedAs(await second.pool.reclaim(room('room-3')), 'none_idle');
  },

  'reclaiming takes an idle session that is past its use too': async ({ store, second, clock }) => {
    accepted(await store.pool.release(await openedSession(store, 'session-1'), LIFETIME));
    await clock.advance(LIFETIME.usableForMs);
    assert.equal(accepted(await second.pool.reclaim(room('room-1'))).sessionId, 'session-1');
  },

  'reclaiming takes nothing of another target, nothing that opens, nothing that drains': async ({ store, second }) => {
    const lake = await openedSession(store, 'session-1', { key: { ...KEY, target: 'lake' } });
    accepted(await store.pool.release(lake, LIFETIME));
    accepted(await store.pool.acquire(poolRequest()));
    accepted(await store.pool.discard(await openedSession(store, 'session-2'), 5000));
    refusedAs(await second.pool.reclaim(room('room-1')), 'none_idle');
  },

  'of 20 who reclaim at once none get the same session': async (trial) => {
    const leases = [];
    for (let index = 0; index < 6; index++) {
      leases.push(await openedSession(trial.store, `session-${index}`, { maxPerKey: 6, maxPerTarget: 6 }));
    }
    for (const lease of leases.slice(0, 4)) accepted(await trial.store.pool.release(lease, LIFETIME));
    const results = await parallel(trial, 20, (store, index) => store.pool.reclaim(room(`room-${index}`)));
    const reclaimed = results.flatMap((result) => (result.ok ? [result.value.sessionId] : []));
    assert.equal(reclaimed.length, 4);
    assert.equal(new Set(reclaimed).size, 4);
  },
};
