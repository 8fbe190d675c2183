import assert from 'node:assert/strict';
import { parallel, refusedAs } from '../expectations.ts';
import type { Check, Checks } from '../harness.ts';
import { created, digest, isAlive, refOf, sessionOf } from '../samples.ts';

/** S-01: whatever comes late, the session stays dead. */
const late: Readonly<Record<string, Check>> = {
  'S-01: a late update does not bring a revoked session back': async ({ store, second }) => {
    const record = await created(store);
    await store.sessions.revoke(refOf(record), 'logout');
    refusedAs(await second.sessions.update(refOf(record), record.version, { data: { back: true } }), 'revoked');
    refusedAs(await second.sessions.get(refOf(record)), 'revoked');
  },
  'S-01: a late touch does not bring a revoked session back': async ({ store, second }) => {
    const ref = refOf(await created(store, { verifier: digest('a') }));
    await store.sessions.revoke(ref, 'logout');
    refusedAs(await second.sessions.touch(ref, { presented: digest('a') }), 'revoked');
    refusedAs(await second.sessions.touch(ref), 'revoked');
    refusedAs(await second.sessions.get(ref), 'revoked');
  },
  'S-01: a late rotation does not bring a revoked session back': async ({ store, second }) => {
    const ref = refOf(await created(store, { verifier: digest('a') }));
    await store.sessions.revoke(ref, 'logout');
    const rotation = { presented: digest('a'), next: digest('b'), graceMs: 0, reauthenticated: true };
    refusedAs(await second.sessions.rotate(ref, rotation), 'revoked');
    refusedAs(await second.sessions.get(ref), 'revoked');
  },
  'S-01: a late creation does not bring a revoked session back': async ({ store, second }) => {
    const session = sessionOf();
    await store.sessions.create(session);
    await store.sessions.revoke(refOf(session), 'logout');
    refusedAs(await second.sessions.create(session), 'exists');
    refusedAs(await second.sessions.get(refOf(session)), 'revoked');
  },
};

export const tombstones: Checks = {
  ...late,

  'a tombstone stays until the absolute deadline, through sweeps': async ({ store, clock }) => {
    const session = sessionOf({ idleTimeoutMs: 1000, lifetimeMs: 10_000 });
    await store.sessions.create(session);
    await store.sessions.revoke(refOf(session), 'logout');
    await clock.advance(9999);
    await store.sweep({ target: 'sessions', limit: 100 });
    refusedAs(await store.sessions.get(refOf(session)), 'revoked');
    refusedAs(await store.sessions.create(session), 'exists');
  },

  'a swept session is brought back by nothing but a creation': async ({ store, clock }) => {
    const ref = refOf(await created(store, { idleTimeoutMs: 1000, verifier: digest('a') }));
    await clock.advance(3_600_000);
    await store.sweep({ target: 'sessions', limit: 100 });
    const gone = ['not_found', 'expired_idle', 'expired_absolute'];
    refusedAs(await store.sessions.touch(ref), ...gone);
    refusedAs(await store.sessions.update(ref, 1, { data: {} }), ...gone);
    const rotation = { presented: digest('a'), next: digest('b'), graceMs: 0 };
    refusedAs(await store.sessions.rotate(ref, rotation), ...gone);
    assert.equal(await isAlive(store, ref), false);
    assert.deepEqual(await store.sessions.list({ tenantId: 'acme' }, { limit: 10 }), { items: [] });
  },

  'a session that is revoked amid 20 touches and updates stays dead': async (trial) => {
    for (let round = 0; round < 5; round++) {
      const ref = refOf(await created(trial.store));
      await parallel(trial, 20, async (store, index) => {
        if (index === 7) await store.sessions.revoke(ref, 'logout');
        else if (index % 3 === 0) await store.sessions.update(ref, 1 + (index % 4), { data: { index } });
        else await store.sessions.touch(ref);
      });
      refusedAs(await trial.store.sessions.get(ref), 'revoked');
    }
  },
};
