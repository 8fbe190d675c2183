import assert from 'node:assert/strict';
import type { Clock } from '@mooring/session-store';
import { accepted, refusedAs } from '../expectations.ts';
import type { Check, Checks, Trial } from '../harness.ts';
import { DAY_MS, LIFETIME, created, isAlive, openedSession, poolRequest, refOf } from '../samples.ts';

const BACK_MS = 5000;

/** A clock that can be set back, as clocks of machines are. */
class SettableClock implements Clock {
  constructor(private time: number) {}
  now(): number {
    return this.time;
  }
  after(): () => void {
    return () => {};
  }
  set(ms: number): void {
    this.time += ms;
  }
}

type Store = Trial['store'];

const withClock = (check: (store: Store, clock: SettableClock) => Promise<void>): Check => {
  return async (trial) => {
    const clock = new SettableClock(trial.clock.now());
    await check(await trial.openWithClock(clock), clock);
  };
};

export const clockSetBack: Checks = {
  'B-03: a clock that is set back gives no spent budget back': withClock(async (store, clock) => {
    const request = {
      tenantId: 'acme',
      scopes: [{ name: 'month', limit: 100, endsAt: clock.now() + 30 * DAY_MS }],
      amount: 60,
      ttlMs: 1000,
      reservationId: 'one',
    };
    accepted(await store.budgets.reserve(request));
    accepted(await store.budgets.settle(request, 60));
    accepted(await store.budgets.reserve({ ...request, reservationId: 'two', amount: 40 }));
    clock.set(-BACK_MS);
    refusedAs(await store.budgets.reserve({ ...request, reservationId: 'three', amount: 1 }), 'exceeded');
    assert.deepEqual(await store.budgets.usage('acme', ['month']), [{ name: 'month', settled: 60, reserved: 40 }]);
  }),

  'B-03: a clock that is set back gives no unit of a limit back': withClock(async (store, clock) => {
    const key = { tenantId: 'acme', name: 'n' };
    const rule = { limit: 3, windowMs: 1000 };
    for (let index = 0; index < 3; index++) assert.ok((await store.limits.consume(key, rule)).allowed);
    clock.set(-BACK_MS);
    assert.equal((await store.limits.consume(key, rule)).allowed, false);
    clock.set(BACK_MS + 999);
    assert.equal((await store.limits.consume(key, rule)).allowed, false);
    clock.set(1);
    assert.ok((await store.limits.consume(key, rule)).allowed);
  }),

  'B-03: a clock that is set back ends no lock early': withClock(async (store, clock) => {
    const policy = { limit: 2, windowMs: 1000, lockStepsMs: [10_000], resetAfterMs: 60_000 };
    const keys = [{ scope: 'account', value: 'ann', policy }] as const;
    await store.attempts.recordFailure('acme', keys);
    await store.attempts.recordFailure('acme', keys);
    clock.set(-BACK_MS);
    assert.equal((await store.attempts.check('acme', keys)).allowed, false);
    assert.equal((await store.attempts.recordFailure('acme', keys)).allowed, false);
  }),

  'a clock that is set back brings no dead session back': withClock(async (store, clock) => {
    const ref = refOf(await created(store));
    const other = refOf(await created(store));
    clock.set(1);
    await store.sessions.revoke(ref, 'logout');
    await store.sessions.revokeWhere({ tenantId: 'acme', subjectId: 'ann' }, 'everywhere');
    clock.set(-1);
    refusedAs(await store.sessions.get(ref), 'revoked');
    refusedAs(await store.sessions.get(other), 'revoked');
    clock.set(-BACK_MS);
    for (const dead of [ref, other]) assert.equal(await isAlive(store, dead), false);
  }),

  'fencing tokens grow also when the clock is set back': withClock(async (store, clock) => {
    const first = accepted(await store.leases.acquire('sweeper', 'a', 1));
    clock.set(1);
    await store.sweep({ target: 'leases', limit: 10 });
    clock.set(-BACK_MS);
    const second = await store.leases.acquire('sweeper', 'b', 1000);
    if (second.ok) assert.ok(second.value.fencingToken > first.fencingToken);
    else refusedAs(second, 'held');
    const opened = await openedSession(store, 'session-1');
    accepted(await store.pool.release(opened, LIFETIME));
    clock.set(-BACK_MS);
    const taken = accepted(await store.pool.acquire(poolRequest()));
    assert.equal(taken.sessionId, 'session-1');
    assert.ok(taken.fencingToken > opened.fencingToken);
  }),
};
