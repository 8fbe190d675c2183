import assert from 'node:assert/strict';
import type { StoreBackend, SweepTarget } from '@mooring/session-store';
import { accepted, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { created, isAlive, openedSession, poolRequest, refOf } from '../samples.ts';

/** Sweeps until nothing is due. A backend that also collects by itself may find less than there was. */
async function drain(store: StoreBackend, target: SweepTarget, limit: number): Promise<number> {
  let deleted = 0;
  for (let batches = 0; batches < 1000; batches++) {
    const batch = accepted(await store.sweep({ target, limit }));
    assert.ok(batch.deleted <= limit, `a batch of ${limit} deleted ${batch.deleted}`);
    deleted += batch.deleted;
    if (!batch.more) return deleted;
  }
  return assert.fail('the sweep never ended');
}

export const sweep: Checks = {
  'an empty store has nothing to sweep': async ({ store }) => {
    for (const target of ['sessions', 'leases', 'pool'] as const) {
      assert.deepEqual(accepted(await store.sweep({ target, limit: 10 })), {
        deleted: 0,
        more: false,
        oldestExpiredAgeMs: null,
      });
    }
  },

  'what is dead goes in bounded batches, what lives stays': async ({ store, clock }) => {
    const live = [];
    for (let index = 0; index < 5; index++) {
      await created(store, { idleTimeoutMs: 1000 });
      await created(store, { idleTimeoutMs: 1000 });
      live.push(refOf(await created(store, { idleTimeoutMs: 2001 })));
    }
    await clock.advance(2000);
    const batch = accepted(await store.sweep({ target: 'sessions', limit: 3 }));
    assert.ok(batch.deleted <= 3);
    if (batch.deleted === 3) assert.equal(batch.more, true);
    if (batch.deleted > 0) assert.equal(batch.oldestExpiredAgeMs, 1000);
    assert.ok((await drain(store, 'sessions', 3)) <= 10 - batch.deleted);
    for (const ref of live) assert.ok(await isAlive(store, ref), 'a live session was swept');
    const after = accepted(await store.sweep({ target: 'sessions', limit: 100 }));
    assert.deepEqual(after, { deleted: 0, more: false, oldestExpiredAgeMs: null });
  },

  'a dry run counts and deletes nothing': async ({ store, clock }) => {
    const ref = refOf(await created(store, { idleTimeoutMs: 1000 }));
    await created(store, { idleTimeoutMs: 1000 });
    await clock.advance(1500);
    const request = { target: 'sessions', limit: 1, dryRun: true } as const;
    const counted = accepted(await store.sweep(request));
    assert.deepEqual(accepted(await store.sweep(request)), counted);
    refusedAs(await store.sessions.get(ref), 'expired_idle');
    assert.equal(accepted(await store.sweep({ ...request, dryRun: false })).deleted, counted.deleted);
  },

  'a swept session is gone, and its id is free': async ({ store, clock }) => {
    const record = await created(store, { idleTimeoutMs: 1000, lifetimeMs: 2000 });
    await clock.advance(2000);
    const found = accepted(await store.sweep({ target: 'sessions', limit: 10 })).deleted;
    if (found === 0) return;
    refusedAs(await store.sessions.get(refOf(record)), 'not_found');
    await created(store, { id: record.id });
  },

  'W-01: a session that is touched while sweeps run is never swept': async (trial) => {
    const { store, clock } = trial;
    const refs = await Promise.all(
      Array.from({ length: 10 }, async () => refOf(await created(store, { idleTimeoutMs: 1000 }))),
    );
    for (let round = 0; round < 3; round++) {
      await clock.advance(999);
      await parallel(trial, 20, async (client, index) => {
        if (index % 2 === 0) await client.sweep({ target: 'sessions', limit: 5 });
        const ref = refs[index % refs.length];
        if (ref !== undefined) accepted(await client.sessions.touch(ref));
      });
    }
    await clock.advance(999);
    await drain(store, 'sessions', 5);
    for (const ref of refs) assert.ok(await isAlive(store, ref));
  },

  'W-01: two sweepers at once delete each row once': async (trial) => {
    for (let index = 0; index < 12; index++) await created(trial.store, { idleTimeoutMs: 1000 });
    await trial.clock.advance(1000);
    const batches = await parallel(trial, 6, (store) => store.sweep({ target: 'sessions', limit: 4 }));
    const deleted = batches.reduce((sum, batch) => sum + accepted(batch).deleted, 0);
    assert.ok(deleted <= 12, `12 rows were deleted ${deleted} times`);
    await drain(trial.store, 'sessions', 4);
  },

  'W-02: a store in which nearly all is dead drains': async ({ store, clock }) => {
    for (let index = 0; index < 60; index++) await created(store, { idleTimeoutMs: 1000, subjectId: `s-${index}` });
    const live = refOf(await created(store));
    await clock.advance(1000);
    await drain(store, 'sessions', 7);
    assert.deepEqual(
      (await store.sessions.list({ tenantId: 'acme' }, { limit: 100 })).items.map(({ id }) => id),
      [live.id],
    );
  },

  'E-01: a sweep under a token that another has passed is stale': async ({ store, second, clock }) => {
    const ref = refOf(await created(store, { idleTimeoutMs: 1000 }));
    const first = accepted(await store.leases.acquire('sweeper', 'a', 1000));
    await clock.advance(1000);
    const next = accepted(await second.leases.acquire('sweeper', 'b', 1000));
    const request = { target: 'sessions', limit: 10 } as const;
    const fence = ({ fencingToken }: { readonly fencingToken: number }) => ({ lease: 'sweeper', fencingToken });
    accepted(await second.sweep({ ...request, limit: 1, dryRun: true, fence: fence(next) }));
    refusedAs(await store.sweep({ ...request, fence: fence(first) }), 'stale');
    refusedAs(await store.sessions.get(ref), 'expired_idle');
    accepted(await second.sweep({ ...request, fence: fence(next) }));
    accepted(await second.sweep({ ...request, fence: { lease: 'other', fencingToken: 1 } }));
  },

  'E-01: the highest token that a sweep came with is remembered past its lease': async ({ store, second, clock }) => {
    const lease = accepted(await store.leases.acquire('sweeper', 'a', 1000));
    const request = { target: 'sessions', limit: 10 } as const;
    const fence = (fencingToken: number) => ({ ...request, fence: { lease: 'sweeper', fencingToken } });
    accepted(await store.sweep(fence(lease.fencingToken + 1)));
    refusedAs(await second.sweep(fence(lease.fencingToken)), 'stale');
    await clock.advance(5000);
    await drain(store, 'leases', 10);
    refusedAs(await second.sweep(fence(lease.fencingToken)), 'stale');
    accepted(await second.sweep(fence(lease.fencingToken + 1)));
  },

  'pooled sessions and leases that are dead go, those that live stay': async ({ store, clock }) => {
    const key = { target: 'warehouse', tenantId: 'acme', identity: 'reader' };
    const brief = { usableForMs: 1000, aliveForMs: 1000 };
    await store.pool.release(await openedSession(store, 'session-1', { key }), brief);
    const kept = await openedSession(store, 'session-2', { key: { ...key, identity: 'writer' }, leaseTtlMs: 2000 });
    accepted(await store.leases.acquire('ended', 'a', 1000));
    const lease = accepted(await store.leases.acquire('kept', 'a', 2000));
    accepted(await store.pool.acquire(poolRequest({ key: { ...key, target: 'lake' }, leaseTtlMs: 2000 })));
    await clock.advance(1000);
    assert.ok((await drain(store, 'pool', 1)) <= 1);
    assert.ok((await drain(store, 'leases', 1)) <= 1);
    assert.equal((await store.pool.renew([{ lease: kept, lifetime: brief }], 2000))[0]?.ok, true);
    assert.equal((await store.pool.list({ target: 'lake' }, { limit: 10 })).items.length, 1);
    accepted(await store.leases.renew(lease, 1000));
  },
};
