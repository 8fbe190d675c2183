import assert from 'node:assert/strict';
import { newSessionId } from '@mooring/session-store';
import { accepted, countOf, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { created, digest, refOf, sessionOf } from '../samples.ts';

export const sessionsLifecycle: Checks = {
  'a created session is read back as it was answered': async ({ store, second, clock }) => {
    const session = sessionOf({ data: { cart: ['a', 1, null, true, { deep: 'ü🙂' }] }, verifier: digest('v') });
    const now = clock.now();
    const record = accepted(await store.sessions.create(session));
    const { lifetimeMs, ...kept } = session;
    assert.deepEqual(record, {
      ...kept,
      version: 1,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      idleExpiresAt: now + session.idleTimeoutMs,
      absoluteExpiresAt: now + lifetimeMs,
      rotatedAt: null,
    });
    assert.deepEqual(accepted(await second.sessions.get(refOf(session))), record);
  },

  'the idle deadline is never past the absolute one': async ({ store, clock }) => {
    const record = await created(store, { idleTimeoutMs: 5000, lifetimeMs: 1000 });
    assert.equal(record.idleExpiresAt, clock.now() + 1000);
    assert.equal(record.absoluteExpiresAt, clock.now() + 1000);
  },

  'a session without a subject lives as any other': async ({ store }) => {
    const record = await created(store, { subjectId: null });
    assert.equal(record.subjectId, null);
    assert.equal(record.verifier, null);
    assert.deepEqual(accepted(await store.sessions.get(refOf(record))), record);
    const { items } = await store.sessions.list({ tenantId: 'acme' }, { limit: 10 });
    assert.deepEqual(
      items.map(({ id }) => id),
      [record.id],
    );
  },

  'an id is taken once, and the first session stays as it was': async ({ store, second }) => {
    const session = sessionOf({ data: { first: true } });
    const first = accepted(await store.sessions.create(session));
    refusedAs(await second.sessions.create({ ...session, data: { first: false } }), 'exists');
    assert.deepEqual(accepted(await store.sessions.get(refOf(session))), first);
  },

  'S-03: of 30 creations with one id exactly one wins': async (trial) => {
    const session = sessionOf();
    const results = await parallel(trial, 30, (store, index) => store.sessions.create({ ...session, data: { index } }));
    assert.equal(
      countOf(results, ({ ok }) => ok),
      1,
    );
    const winner = results.findIndex(({ ok }) => ok);
    assert.deepEqual(accepted(await trial.store.sessions.get(refOf(session))).data, { index: winner });
  },

  'an id stays taken while its dead session is kept': async ({ store, clock }) => {
    const expired = sessionOf({ idleTimeoutMs: 1000 });
    const revoked = sessionOf();
    accepted(await store.sessions.create(expired));
    accepted(await store.sessions.create(revoked));
    accepted(await store.sessions.revoke(refOf(revoked), 'logout'));
    await clock.advance(1000);
    refusedAs(await store.sessions.create(expired), 'exists');
    refusedAs(await store.sessions.create(revoked), 'exists');
  },

  'S-01: what does not exist is not found, and nothing makes it exist': async ({ store }) => {
    const ref = { tenantId: 'acme', id: newSessionId({ tenantId: 'acme', subjectId: 'ann' }) };
    const rotation = { presented: digest('a'), next: digest('b'), graceMs: 0 };
    refusedAs(await store.sessions.get(ref), 'not_found');
    refusedAs(await store.sessions.touch(ref), 'not_found');
    refusedAs(await store.sessions.update(ref, 1, { data: { a: 1 } }), 'not_found');
    refusedAs(await store.sessions.rotate(ref, rotation), 'not_found');
    refusedAs(await store.sessions.revoke(ref, 'logout'), 'not_found');
    refusedAs(await store.sessions.get(ref), 'not_found');
    assert.deepEqual(await store.sessions.list({ tenantId: 'acme' }, { limit: 10 }), { items: [] });
  },

  'a revoked session is dead for every operation': async ({ store, second, clock }) => {
    const record = await created(store, { verifier: digest('a') });
    const ref = refOf(record);
    assert.deepEqual(accepted(await store.sessions.revoke(ref, 'logout')), { revokedAt: clock.now() });
    refusedAs(await second.sessions.get(ref), 'revoked');
    refusedAs(await second.sessions.touch(ref), 'revoked');
    refusedAs(await second.sessions.update(ref, 1, {}), 'revoked');
    const rotation = { presented: digest('a'), next: digest('b'), graceMs: 1000 };
    refusedAs(await second.sessions.rotate(ref, rotation), 'revoked');
    assert.deepEqual((await store.sessions.list({ tenantId: 'acme', subjectId: 'ann' }, { limit: 10 })).items, []);
  },

  'revoking again answers the first time of revocation': async ({ store, second, clock }) => {
    const ref = refOf(await created(store));
    const first = accepted(await store.sessions.revoke(ref, 'logout'));
    await clock.advance(5000);
    assert.deepEqual(accepted(await second.sessions.revoke(ref, 'again')), first);
  },
};
