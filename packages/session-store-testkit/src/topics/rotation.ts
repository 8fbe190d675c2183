import assert from 'node:assert/strict';
import type { Rotation, SessionRef, StoreBackend } from '@mooring/session-store';
import { accepted, countOf, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { created, digest, refOf } from '../samples.ts';

const GRACE_MS = 10_000;
const step = (presented: string, next: string, change: Partial<Rotation> = {}): Rotation => ({
  presented: digest(presented),
  next: digest(next),
  graceMs: GRACE_MS,
  ...change,
});

/** A session whose verifiers were `v0` to the last. */
async function rotatedTimes(store: StoreBackend, times: number): Promise<SessionRef> {
  const ref = refOf(await created(store, { verifier: digest('v0') }));
  for (let index = 0; index < times; index++) {
    accepted(await store.sessions.rotate(ref, step(`v${index}`, `v${index + 1}`)));
  }
  return ref;
}

export const rotation: Checks = {
  'a rotation replaces the verifier and adds one to the version': async ({ store, second, clock }) => {
    const record = await created(store, { verifier: digest('v0'), data: { a: 1 } });
    await clock.advance(1000);
    const { session, superseded } = accepted(await store.sessions.rotate(refOf(record), step('v0', 'v1')));
    assert.equal(superseded, false);
    assert.deepEqual(session, { ...record, verifier: digest('v1'), version: 2, rotatedAt: clock.now() });
    assert.deepEqual(accepted(await second.sessions.get(refOf(record))), session);
  },

  'S-04: of 30 rotations with one verifier exactly one wins, the others are superseded': async (trial) => {
    const ref = refOf(await created(trial.store, { verifier: digest('v0') }));
    const results = await parallel(trial, 30, (store, index) =>
      store.sessions.rotate(ref, step('v0', `next-${index}`)),
    );
    const answers = results.map((result) => accepted(result));
    assert.equal(
      countOf(answers, ({ superseded }) => !superseded),
      1,
    );
    const winner = answers.findIndex(({ superseded }) => !superseded);
    for (const { session } of answers) assert.equal(session.verifier, digest(`next-${winner}`));
    const record = accepted(await trial.store.sessions.get(ref));
    assert.equal(record.verifier, digest(`next-${winner}`));
    assert.equal(record.version, 2);
  },

  'the previous verifier counts within the grace, to the millisecond': async ({ store, clock }) => {
    const ref = await rotatedTimes(store, 1);
    await clock.advance(GRACE_MS - 1);
    const options = { presented: digest('v0'), graceMs: GRACE_MS };
    assert.equal(accepted(await store.sessions.touch(ref, options)).superseded, true);
    const answer = accepted(await store.sessions.rotate(ref, step('v0', 'other')));
    assert.equal(answer.superseded, true);
    assert.equal(answer.session.verifier, digest('v1'));
    assert.equal(accepted(await store.sessions.touch(ref, { presented: digest('v1') })).superseded, false);
  },

  'S-05: the previous verifier at the end of the grace revokes the session': async ({ store, clock }) => {
    const ref = await rotatedTimes(store, 1);
    await clock.advance(GRACE_MS);
    refusedAs(await store.sessions.touch(ref, { presented: digest('v0'), graceMs: GRACE_MS }), 'reused');
    refusedAs(await store.sessions.get(ref), 'revoked');
    refusedAs(await store.sessions.touch(ref, { presented: digest('v1') }), 'revoked');
  },

  'S-05: rotating with the previous verifier after the grace revokes the session': async ({ store, clock }) => {
    const ref = await rotatedTimes(store, 1);
    await clock.advance(GRACE_MS);
    refusedAs(await store.sessions.rotate(ref, step('v0', 'stolen')), 'reused');
    refusedAs(await store.sessions.get(ref), 'revoked');
  },

  'S-05: a verifier that is older than the previous one has no grace': async ({ store }) => {
    const ref = await rotatedTimes(store, 3);
    refusedAs(await store.sessions.touch(ref, { presented: digest('v1'), graceMs: GRACE_MS }), 'reused');
    refusedAs(await store.sessions.get(ref), 'revoked');
  },

  'S-05: the oldest of sixteen retired verifiers is still known': async ({ store }) => {
    const ref = await rotatedTimes(store, 16);
    refusedAs(await store.sessions.rotate(ref, step('v0', 'stolen')), 'reused');
    refusedAs(await store.sessions.get(ref), 'revoked');
  },

  'S-05: a random verifier is a mismatch that changes nothing': async ({ store, clock }) => {
    const ref = await rotatedTimes(store, 2);
    const before = accepted(await store.sessions.get(ref));
    await clock.advance(GRACE_MS);
    refusedAs(await store.sessions.rotate(ref, step('random', 'next')), 'mismatch');
    refusedAs(await store.sessions.touch(ref, { presented: digest('random'), graceMs: GRACE_MS }), 'mismatch');
    assert.deepEqual(accepted(await store.sessions.get(ref)), before);
  },

  'no grace was asked for, so there is none': async ({ store }) => {
    const ref = await rotatedTimes(store, 1);
    refusedAs(await store.sessions.touch(ref, { presented: digest('v0') }), 'reused');
  },

  'proving who one is restarts both timeouts and gives no grace': async ({ store, clock }) => {
    const record = await created(store, { verifier: digest('v0'), idleTimeoutMs: 1000, lifetimeMs: 5000 });
    const ref = refOf(record);
    await clock.advance(900);
    const now = clock.now();
    const { session } = accepted(await store.sessions.rotate(ref, step('v0', 'v1', { reauthenticated: true })));
    assert.equal(session.authenticatedAt, now);
    assert.equal(session.createdAt, record.createdAt);
    assert.equal(session.idleExpiresAt, now + 1000);
    assert.equal(session.absoluteExpiresAt, now + 5000);
    refusedAs(await store.sessions.touch(ref, { presented: digest('v0'), graceMs: GRACE_MS }), 'reused');
  },

  'a rotation by itself extends nothing': async ({ store, clock }) => {
    const record = await created(store, { verifier: digest('v0') });
    await clock.advance(1000);
    const { session } = accepted(await store.sessions.rotate(refOf(record), step('v0', 'v1')));
    assert.equal(session.absoluteExpiresAt, record.absoluteExpiresAt);
    assert.equal(session.authenticatedAt, record.authenticatedAt);
  },

  'a session without a verifier can not be rotated': async ({ store }) => {
    const ref = refOf(await created(store));
    refusedAs(await store.sessions.rotate(ref, step('v0', 'v1')), 'mismatch');
  },
};
