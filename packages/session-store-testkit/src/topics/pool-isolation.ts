import assert from 'node:assert/strict';
import type { PoolKey } from '@mooring/session-store';
import { accepted, countOf, parallel } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { DAY_MS, LIFETIME, openedSession, poolRequest } from '../samples.ts';

const KEY: PoolKey = { target: 'warehouse', tenantId: 'acme', identity: 'reader' };
const TTL_MS = 10_000;
const WIDE = { maxPerKey: 50, maxPerTarget: 100 };

/** One holder per session, one key per session, however many ask at once. */
export const poolIsolation: Checks = {
  'sessions of other tenants, identities and targets are never exchanged': async (trial) => {
    const keys: PoolKey[] = [
      KEY,
      { ...KEY, tenantId: 'globex' },
      { ...KEY, identity: 'writer' },
      { ...KEY, target: 'lake' },
      { target: 'warehouse', tenantId: 'acme:reader', identity: 'x' },
      { target: 'warehouse', tenantId: 'acme', identity: 'reader:x' },
    ];
    const nameOf = (key: PoolKey): string => JSON.stringify([key.target, key.tenantId, key.identity]);
    for (const key of keys) {
      const lease = await openedSession(trial.store, nameOf(key), { ...WIDE, key });
      accepted(await trial.store.pool.release(lease, LIFETIME));
    }
    const leases = await parallel(trial, keys.length * 3, async (store, index) => {
      const key = keys[index % keys.length] ?? KEY;
      const lease = accepted(await store.pool.acquire(poolRequest({ ...WIDE, key })));
      assert.deepEqual(lease.key, key);
      if (lease.sessionId !== null) assert.equal(lease.sessionId, nameOf(key));
      return lease;
    });
    assert.equal(
      countOf(leases, ({ sessionId }) => sessionId !== null),
      keys.length,
    );
  },

  'of 40 takers at once no two hold one session': async (trial) => {
    const idle = [];
    for (let index = 0; index < 8; index++) idle.push(await openedSession(trial.store, `session-${index}`, WIDE));
    for (const lease of idle) accepted(await trial.store.pool.release(lease, LIFETIME));
    const leases = await parallel(trial, 40, async (store) => accepted(await store.pool.acquire(poolRequest(WIDE))));
    assert.equal(new Set(leases.map(({ slotId }) => slotId)).size, 40);
    assert.equal(
      countOf(leases, ({ sessionId }) => sessionId !== null),
      8,
    );
  },

  'no session ever has two holders while 10 workers take and give back': async (trial) => {
    const held = new Set<string>();
    let opened = 0;
    await parallel(trial, 10, async (store, index) => {
      for (let turn = 0; turn < 10; turn++) {
        const request = poolRequest({ holder: `host-${index % 2}`, maxPerKey: 3 });
        const result = await store.pool.acquire(request);
        if (!result.ok) continue;
        const lease = result.value;
        assert.ok(!held.has(lease.slotId), 'a session has two holders');
        held.add(lease.slotId);
        assert.ok(held.size <= 3, 'more sessions than the cap allows');
        const session = { sessionId: `session-${++opened}`, ...LIFETIME, retireAfterMs: DAY_MS };
        if (lease.sessionId === null) accepted(await store.pool.register(lease, session));
        held.delete(lease.slotId);
        accepted(turn % 4 === 3 ? await store.pool.discard(lease, 0) : await store.pool.release(lease, LIFETIME));
      }
    });
    assert.ok(opened > 0);
  },

  'fencing tokens of a session grow with each holder': async ({ store, clock }) => {
    let lease = await openedSession(store, 'session-1', { maxPerKey: 1 });
    for (let round = 0; round < 4; round++) {
      if (round % 2 === 0) accepted(await store.pool.release(lease, LIFETIME));
      else await clock.advance(TTL_MS);
      const next = accepted(await store.pool.acquire(poolRequest({ maxPerKey: 1 })));
      assert.equal(next.sessionId, 'session-1');
      assert.ok(next.fencingToken > lease.fencingToken);
      lease = next;
    }
  },
};
