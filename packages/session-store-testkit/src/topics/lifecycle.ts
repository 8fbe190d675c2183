import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { accepted, failsWith } from '../expectations.ts';
import { needing } from '../harness.ts';
import type { Checks } from '../harness.ts';
import { created, digest, isAlive, poolRequest, refOf, sessionOf } from '../samples.ts';

export const lifecycle: Checks = {
  'a store has the name and the capabilities that its harness declares': async ({ store, harness }) => {
    assert.ok(store.name.length > 0);
    assert.deepEqual(store.capabilities, harness.capabilities);
  },

  'a ping answers': async ({ store, clock }) => {
    const { latencyMs, serverTime } = await store.ping();
    assert.ok(latencyMs >= 0);
    assert.ok(serverTime === null || serverTime === clock.now());
  },

  'closing twice does nothing more': async ({ store }) => {
    await store.close();
    await store.close();
  },

  'operations after close fail with closed': async ({ store }) => {
    const ref = refOf(await created(store, { verifier: digest('a') }));
    const lease = accepted(await store.leases.acquire('sweeper', 'a', 1000));
    const pooled = accepted(await store.pool.acquire(poolRequest()));
    const life = { usableForMs: 1, aliveForMs: 1 };
    await store.close();
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      create: () => store.sessions.create(sessionOf()),
      get: () => store.sessions.get(ref),
      touch: () => store.sessions.touch(ref),
      update: () => store.sessions.update(ref, 1, { data: {} }),
      rotate: () => store.sessions.rotate(ref, { presented: digest('a'), next: digest('b'), graceMs: 0 }),
      revoke: () => store.sessions.revoke(ref, 'logout'),
      revokeWhere: () => store.sessions.revokeWhere({ tenantId: 'acme', subjectId: 'ann' }, 'logout'),
      list: () => store.sessions.list({ tenantId: 'acme' }, { limit: 1 }),
      acquireLease: () => store.leases.acquire('sweeper', 'a', 1000),
      renewLease: () => store.leases.renew(lease, 1000),
      releaseLease: () => store.leases.release(lease),
      acquire: () => store.pool.acquire(poolRequest()),
      register: () => store.pool.register(pooled, { sessionId: 's', ...life, retireAfterMs: 1 }),
      renew: () => store.pool.renew([{ lease: pooled, lifetime: life }], 1000),
      release: () => store.pool.release(pooled, life),
      discard: () => store.pool.discard(pooled, 0),
      reclaim: () => store.pool.reclaim({ target: 'warehouse', holder: 'a', leaseId: 'l', leaseTtlMs: 1000 }),
      listPool: () => store.pool.list({ target: 'warehouse' }, { limit: 1 }),
      sweep: () => store.sweep({ target: 'sessions', limit: 1 }),
      ping: () => store.ping(),
    };
    for (const call of Object.values(calls)) {
      const error = await failsWith('closed', call());
      assert.equal(error.outcome, 'not_applied');
      assert.equal(error.retryable, false);
    }
  },

  'closing one client leaves the other at work': needing('shared', async ({ store, second }) => {
    const ref = refOf(await created(store));
    await store.close();
    assert.ok(await isAlive(second, ref));
  }),

  'by its own clock, deadlines are where the time is': async ({ openWithOwnClock }) => {
    const store = await openWithOwnClock();
    const { serverTime } = await store.ping();
    assert.ok(serverTime === null || Math.abs(serverTime - Date.now()) < 60_000);
    const record = await created(store, { idleTimeoutMs: 600_000 });
    assert.ok(Math.abs(record.idleExpiresAt - 600_000 - Date.now()) < 60_000);
    const brief = await created(store, { idleTimeoutMs: 1 });
    do {
      await setTimeout(2);
      assert.ok(Date.now() < brief.idleExpiresAt + 60_000, 'it never expires');
    } while (await isAlive(store, refOf(brief)));
    assert.ok(await isAlive(store, refOf(record)));
  },
};
