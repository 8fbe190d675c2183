import assert from 'node:assert/strict';
import type { SessionRef, StoreBackend } from '@mooring/session-store';
import { accepted, countOf, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { created, digest, refOf } from '../samples.ts';

/** Adds one to a counter, however often others are faster. */
async function increment(store: StoreBackend, ref: SessionRef): Promise<void> {
  for (;;) {
    const { version, data } = accepted(await store.sessions.get(ref));
    const result = await store.sessions.update(ref, version, { data: { count: Number(data['count']) + 1 } });
    if (result.ok) return;
    refusedAs(result, 'conflict');
  }
}

export const compareAndSet: Checks = {
  'an update replaces the data whole and adds one to the version': async ({ store, second, clock }) => {
    const record = await created(store, { data: { a: 1, b: 2 } });
    await clock.advance(10);
    const updated = accepted(await store.sessions.update(refOf(record), 1, { data: { c: 3 } }));
    assert.deepEqual(updated, { ...record, data: { c: 3 }, version: 2 });
    assert.deepEqual(accepted(await second.sessions.get(refOf(record))), updated);
  },

  'an update at another version changes nothing': async ({ store }) => {
    const ref = refOf(await created(store, { data: { a: 1 } }));
    const updated = accepted(await store.sessions.update(ref, 1, { data: { a: 2 } }));
    refusedAs(await store.sessions.update(ref, 1, { data: { a: 3 } }), 'conflict');
    refusedAs(await store.sessions.update(ref, 3, { data: { a: 3 } }), 'conflict');
    assert.deepEqual(accepted(await store.sessions.get(ref)), updated);
  },

  'S-02: of 30 updates at one version exactly one wins, and its data stays': async (trial) => {
    const ref = refOf(await created(trial.store, { data: { index: -1 } }));
    const results = await parallel(trial, 30, (store, index) => store.sessions.update(ref, 1, { data: { index } }));
    assert.equal(
      countOf(results, ({ ok }) => ok),
      1,
    );
    for (const result of results) if (!result.ok) refusedAs(result, 'conflict');
    const record = accepted(await trial.store.sessions.get(ref));
    assert.deepEqual(record.data, { index: results.findIndex(({ ok }) => ok) });
    assert.equal(record.version, 2);
  },

  'no increment of 12 callers is lost': async (trial) => {
    const ref = refOf(await created(trial.store, { data: { count: 0 } }));
    await parallel(trial, 12, (store) => increment(store, ref));
    assert.deepEqual(accepted(await trial.store.sessions.get(ref)).data, { count: 12 });
  },

  'an update does not slide the idle deadline by itself': async ({ store, clock }) => {
    const record = await created(store);
    await clock.advance(1000);
    const updated = accepted(await store.sessions.update(refOf(record), 1, { data: { a: 1 } }));
    assert.equal(updated.idleExpiresAt, record.idleExpiresAt);
    assert.equal(updated.lastSeenAt, record.lastSeenAt);
  },

  'a new idle timeout restarts it, never past the absolute deadline': async ({ store, clock }) => {
    const record = await created(store, { data: { a: 1 }, lifetimeMs: 100_000 });
    await clock.advance(1000);
    const shorter = accepted(await store.sessions.update(refOf(record), 1, { idleTimeoutMs: 500 }));
    assert.equal(shorter.idleTimeoutMs, 500);
    assert.equal(shorter.idleExpiresAt, clock.now() + 500);
    assert.deepEqual(shorter.data, { a: 1 });
    const longer = accepted(await store.sessions.update(refOf(record), 2, { idleTimeoutMs: 900_000 }));
    assert.equal(longer.idleExpiresAt, record.absoluteExpiresAt);
  },

  'a shorter idle timeout is kept to the millisecond': async ({ store, clock }) => {
    const ref = refOf(await created(store));
    accepted(await store.sessions.update(ref, 1, { idleTimeoutMs: 500 }));
    await clock.advance(499);
    accepted(await store.sessions.get(ref));
    await clock.advance(1);
    refusedAs(await store.sessions.get(ref), 'expired_idle');
  },

  'an update leaves the verifier and its lineage': async ({ store }) => {
    const ref = refOf(await created(store, { verifier: digest('a') }));
    accepted(await store.sessions.rotate(ref, { presented: digest('a'), next: digest('b'), graceMs: 5000 }));
    const updated = accepted(await store.sessions.update(ref, 2, { data: { a: 1 } }));
    assert.equal(updated.verifier, digest('b'));
    assert.ok(accepted(await store.sessions.touch(ref, { presented: digest('a'), graceMs: 5000 })).superseded);
  },
};
