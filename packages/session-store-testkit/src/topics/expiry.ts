import assert from 'node:assert/strict';
import { accepted, refusedAs } from '../expectations.ts';
import type { Check, Checks } from '../harness.ts';
import { DAY_MS, created, digest, isAlive, refOf } from '../samples.ts';

const LONGEST_MS = 400 * DAY_MS;

/** S-08: alive one millisecond before the deadline, dead at it. */
function idleFor(idleTimeoutMs: number): Check {
  return async ({ store, second, clock }) => {
    const record = await created(store, { idleTimeoutMs, lifetimeMs: LONGEST_MS });
    assert.equal(record.idleExpiresAt, clock.now() + idleTimeoutMs);
    const ref = refOf(record);
    await clock.advance(idleTimeoutMs - 1);
    assert.ok(await isAlive(store, ref), 'dead before its idle deadline');
    await clock.advance(1);
    refusedAs(await store.sessions.get(ref), 'expired_idle');
    refusedAs(await second.sessions.touch(ref), 'expired_idle');
  };
}

function livesFor(lifetimeMs: number): Check {
  return async ({ store, second, clock }) => {
    const record = await created(store, { idleTimeoutMs: LONGEST_MS, lifetimeMs });
    assert.equal(record.absoluteExpiresAt, clock.now() + lifetimeMs);
    const ref = refOf(record);
    await clock.advance(lifetimeMs - 1);
    assert.ok(await isAlive(store, ref), 'dead before its absolute deadline');
    await clock.advance(1);
    refusedAs(await store.sessions.get(ref), 'expired_absolute', 'expired_idle');
    refusedAs(await second.sessions.touch(ref), 'expired_absolute', 'expired_idle');
  };
}

export const expiry: Checks = {
  'S-08: idle for 1 ms, to the millisecond': idleFor(1),
  'S-08: idle for 300 ms, to the millisecond': idleFor(300),
  'S-08: idle for 1200 ms, to the millisecond': idleFor(1200),
  'S-08: idle for 30 days, to the millisecond': idleFor(30 * DAY_MS),
  'S-08: a lifetime of 1 ms, to the millisecond': livesFor(1),
  'S-08: a lifetime of 300 ms, to the millisecond': livesFor(300),
  'S-08: a lifetime of 1200 ms, to the millisecond': livesFor(1200),
  'S-08: a lifetime of 30 days, to the millisecond': livesFor(30 * DAY_MS),
  'S-08: a lifetime of 400 days, to the millisecond': livesFor(LONGEST_MS),

  'a session that is used outlives its idle timeout, but not its lifetime': async ({ store, clock }) => {
    const ref = refOf(await created(store, { idleTimeoutMs: 1000, lifetimeMs: 2500 }));
    for (let step = 0; step < 2; step++) {
      await clock.advance(999);
      accepted(await store.sessions.touch(ref));
    }
    await clock.advance(2500 - 2 * 999 - 1);
    assert.ok(await isAlive(store, ref));
    await clock.advance(1);
    refusedAs(await store.sessions.get(ref), 'expired_absolute');
  },

  'S-10: an expired session is refused by every operation, swept or not': async ({ store, clock }) => {
    const record = await created(store, { idleTimeoutMs: 1000, verifier: digest('a') });
    const ref = refOf(record);
    await clock.advance(1000);
    refusedAs(await store.sessions.get(ref), 'expired_idle');
    refusedAs(await store.sessions.touch(ref, { presented: digest('a') }), 'expired_idle');
    refusedAs(await store.sessions.update(ref, 1, { idleTimeoutMs: 5000 }), 'expired_idle');
    const rotation = { presented: digest('a'), next: digest('b'), graceMs: 1000, reauthenticated: true };
    refusedAs(await store.sessions.rotate(ref, rotation), 'expired_idle');
    assert.deepEqual((await store.sessions.list({ tenantId: 'acme' }, { limit: 10 })).items, []);
    refusedAs(await store.sessions.get(ref), 'expired_idle');
  },

  'a wrong verifier learns nothing of an expired session but that it is expired': async ({ store, clock }) => {
    const ref = refOf(await created(store, { idleTimeoutMs: 1000, verifier: digest('a') }));
    await clock.advance(1000);
    refusedAs(await store.sessions.touch(ref, { presented: digest('wrong') }), 'expired_idle');
  },

  'of several reasons for being dead, revoked comes before expired, and absolute before idle': async ({
    store,
    second,
    clock,
  }) => {
    const revoked = refOf(await created(store, { idleTimeoutMs: 1000, lifetimeMs: 5000 }));
    const expired = refOf(await created(store, { idleTimeoutMs: 1000, lifetimeMs: 2000 }));
    accepted(await store.sessions.revoke(revoked, 'logout'));
    await clock.advance(2000);
    refusedAs(await second.sessions.get(revoked), 'revoked');
    refusedAs(await second.sessions.get(expired), 'expired_absolute');
    refusedAs(await second.sessions.touch(expired), 'expired_absolute');
  },

  'a session that had expired before its subject was ended may be said to be either': async ({ store, clock }) => {
    const ref = refOf(await created(store, { idleTimeoutMs: 1000 }));
    await clock.advance(1000);
    await store.sessions.revokeWhere({ tenantId: 'acme', subjectId: 'ann' }, 'everywhere');
    refusedAs(await store.sessions.get(ref), 'expired_idle', 'revoked');
    refusedAs(await store.sessions.touch(ref), 'expired_idle', 'revoked');
  },

  'deadlines of one session do not move those of another': async ({ store, clock }) => {
    const short = refOf(await created(store, { idleTimeoutMs: 1000 }));
    const long = refOf(await created(store, { idleTimeoutMs: 2000 }));
    await clock.advance(1000);
    refusedAs(await store.sessions.get(short), 'expired_idle');
    assert.ok(await isAlive(store, long));
  },
};
