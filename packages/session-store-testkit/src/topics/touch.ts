import assert from 'node:assert/strict';
import { accepted, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { created, digest, refOf } from '../samples.ts';

export const touch: Checks = {
  'a touch slides the idle deadline and nothing else': async ({ store, second, clock }) => {
    const record = await created(store, { data: { a: 1 }, verifier: digest('a') });
    await clock.advance(1000);
    const { session, superseded } = accepted(await store.sessions.touch(refOf(record), { presented: digest('a') }));
    const now = clock.now();
    assert.deepEqual(session, { ...record, lastSeenAt: now, idleExpiresAt: now + record.idleTimeoutMs });
    assert.equal(superseded, false);
    assert.deepEqual(accepted(await second.sessions.get(refOf(record))), session);
  },

  'S-06: a touch never moves the idle deadline past the absolute one': async ({ store, clock }) => {
    const record = await created(store, { idleTimeoutMs: 1000, lifetimeMs: 1500 });
    await clock.advance(900);
    const { session } = accepted(await store.sessions.touch(refOf(record)));
    assert.equal(session.idleExpiresAt, record.absoluteExpiresAt);
    assert.equal(session.absoluteExpiresAt, record.absoluteExpiresAt);
  },

  'S-07: a touch within the least interval writes nothing': async ({ store, second, clock }) => {
    const record = await created(store);
    await clock.advance(999);
    const { session } = accepted(await store.sessions.touch(refOf(record), { minIntervalMs: 1000 }));
    assert.deepEqual(session, record);
    assert.deepEqual(accepted(await second.sessions.get(refOf(record))), record);
    await clock.advance(1);
    const due = accepted(await store.sessions.touch(refOf(record), { minIntervalMs: 1000 })).session;
    assert.equal(due.lastSeenAt, clock.now());
    assert.equal(due.idleExpiresAt, clock.now() + record.idleTimeoutMs);
  },

  'without a least interval each touch writes': async ({ store, clock }) => {
    const ref = refOf(await created(store));
    for (let step = 0; step < 3; step++) {
      await clock.advance(1);
      assert.equal(accepted(await store.sessions.touch(ref)).session.lastSeenAt, clock.now());
    }
  },

  'reading does not slide': async ({ store, clock }) => {
    const record = await created(store);
    await clock.advance(1000);
    assert.deepEqual(accepted(await store.sessions.get(refOf(record))), record);
    await store.sessions.list({ tenantId: 'acme', subjectId: 'ann' }, { limit: 10 });
    assert.deepEqual(accepted(await store.sessions.get(refOf(record))), record);
  },

  'a wrong verifier is a mismatch that changes nothing': async ({ store, clock }) => {
    const record = await created(store, { verifier: digest('a') });
    await clock.advance(1000);
    refusedAs(await store.sessions.touch(refOf(record), { presented: digest('random'), graceMs: 60_000 }), 'mismatch');
    assert.deepEqual(accepted(await store.sessions.get(refOf(record))), record);
  },

  'a session without a verifier matches none': async ({ store }) => {
    const record = await created(store);
    refusedAs(await store.sessions.touch(refOf(record), { presented: digest('a') }), 'mismatch');
    accepted(await store.sessions.touch(refOf(record)));
  },
};
