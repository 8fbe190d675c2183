import assert from 'node:assert/strict';
import type { StoreBackend } from '@mooring/session-store';
import { accepted, failsWith, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { DAY_MS, LIFETIME, created, digest, openedSession, poolRequest, refOf } from '../samples.ts';

const LONGEST_MS = 400 * DAY_MS;
const BAD_DURATIONS = [-1, 0.5, Number.NaN, Infinity, LONGEST_MS + 1, 2 ** 53];
/** Every store counts limits of so many units. One that can't count more says so. */
const UNITS = 10_000;

const POLICY = { limit: 2, windowMs: 1000, lockStepsMs: [1000], resetAfterMs: 1000 };
const attempts = (change: Partial<typeof POLICY>) =>
  [{ scope: 'account', value: 'ann', policy: { ...POLICY, ...change } }] as const;

type Call = (store: StoreBackend, ms: number) => Promise<unknown>;

/** Whatever takes a duration of at least a millisecond. */
async function durations(store: StoreBackend, now: number): Promise<Readonly<Record<string, Call>>> {
  const lease = accepted(await store.leases.acquire('renewed', 'a', LONGEST_MS));
  const slot = await openedSession(store, 'session-1', { leaseTtlMs: LONGEST_MS, maxPerKey: 50, maxPerTarget: 50 });
  const pooled = { maxPerKey: 50, maxPerTarget: 50 };
  let reservations = 0;
  return {
    'limits.consume windowMs': ({ limits }, windowMs) =>
      limits.consume({ tenantId: 'acme', name: 'n' }, { limit: 1, windowMs }),
    'limits.peek windowMs': ({ limits }, windowMs) =>
      limits.peek({ tenantId: 'acme', name: 'n' }, { limit: 1, windowMs }),
    'attempts.check windowMs': (on, windowMs) => on.attempts.check('acme', attempts({ windowMs })),
    'attempts.recordFailure resetAfterMs': (on, resetAfterMs) =>
      on.attempts.recordFailure('acme', attempts({ resetAfterMs })),
    'attempts.recordFailure lockStepsMs': (on, step) =>
      on.attempts.recordFailure('acme', attempts({ lockStepsMs: [1, step] })),
    'budgets.reserve ttlMs': ({ budgets }, ttlMs) =>
      budgets.reserve({
        tenantId: 'acme',
        scopes: [{ name: 'month', limit: 100, endsAt: now + DAY_MS }],
        amount: 1,
        ttlMs,
        reservationId: `reservation-${++reservations}`,
      }),
    'leases.acquire ttlMs': ({ leases }, ttlMs) => leases.acquire('sweeper', 'a', ttlMs),
    'leases.renew ttlMs': ({ leases }, ttlMs) => leases.renew(lease, ttlMs),
    'pool.acquire leaseTtlMs': ({ pool }, leaseTtlMs) => pool.acquire(poolRequest({ ...pooled, leaseTtlMs })),
    'pool.renew leaseTtlMs': ({ pool }, leaseTtlMs) => pool.renew([{ lease: slot, lifetime: LIFETIME }], leaseTtlMs),
    'pool.reclaim leaseTtlMs': ({ pool }, leaseTtlMs) =>
      pool.reclaim({ target: 'warehouse', holder: 'a', leaseId: 'closing', leaseTtlMs }),
  };
}

/** Whatever takes a duration that may be 0. */
async function waits(store: StoreBackend): Promise<Readonly<Record<string, Call>>> {
  const ref = refOf(await created(store, { verifier: digest('a') }));
  const presented = digest('a');
  const slot = await openedSession(store, 'session-1', { leaseTtlMs: LONGEST_MS, maxPerKey: 50, maxPerTarget: 50 });
  return {
    'sessions.touch graceMs': ({ sessions }, graceMs) => sessions.touch(ref, { presented, graceMs }),
    'sessions.touch minIntervalMs': ({ sessions }, minIntervalMs) => sessions.touch(ref, { minIntervalMs }),
    'sessions.rotate graceMs': ({ sessions }, graceMs) => sessions.rotate(ref, { presented, next: presented, graceMs }),
    'pool.acquire aliveForMs': ({ pool }, aliveForMs) =>
      pool.acquire(poolRequest({ maxPerKey: 50, maxPerTarget: 50, aliveForMs })),
    'pool.renew usableForMs': ({ pool }, usableForMs) =>
      pool.renew([{ lease: slot, lifetime: { usableForMs, aliveForMs: LONGEST_MS } }], LONGEST_MS),
    'pool.discard aliveForMs': ({ pool }, aliveForMs) => pool.discard(slot, aliveForMs),
  };
}

export const bounds: Checks = {
  'S-09: every duration may be 1 ms or 400 days, and nothing else is taken for one': async ({
    store,
    second,
    clock,
  }) => {
    const calls = { ...(await durations(store, clock.now())), ...(await waits(store)) };
    for (const [name, call] of Object.entries(calls)) {
      for (const ms of BAD_DURATIONS) {
        await failsWith('invalid_argument', call(second, ms)).catch((cause: unknown) =>
          assert.fail(`${name} of ${ms}: ${String(cause)}`),
        );
      }
      for (const ms of [1, LONGEST_MS]) await call(second, ms);
    }
  },

  'S-09: no lease, window or lock lasts 0 ms, and a grace or a wait may': async ({ store, clock }) => {
    for (const call of Object.values(await durations(store, clock.now()))) {
      await failsWith('invalid_argument', call(store, 0));
    }
    for (const call of Object.values(await waits(store))) await call(store, 0);
  },

  'a lease of 1 ms ends after it, one of 400 days after those': async ({ store, second, clock }) => {
    for (const ttlMs of [1, LONGEST_MS]) {
      const name = `lease-${ttlMs}`;
      accepted(await store.leases.acquire(name, 'a', ttlMs));
      await clock.advance(ttlMs - 1);
      refusedAs(await second.leases.acquire(name, 'b', ttlMs), 'held');
      await clock.advance(1);
      accepted(await second.leases.acquire(name, 'b', ttlMs));
    }
  },

  'a lock of 400 days is one': async ({ store, clock }) => {
    const keys = attempts({ limit: 1, lockStepsMs: [LONGEST_MS] });
    assert.equal((await store.attempts.recordFailure('acme', keys)).retryAfterMs, LONGEST_MS);
    await clock.advance(LONGEST_MS - 1);
    await store.sweep({ target: 'attempts', limit: 100 });
    assert.equal((await store.attempts.check('acme', keys)).retryAfterMs, 1);
  },

  'a period that has ended already is one like any other': async ({ store, clock }) => {
    const request = {
      tenantId: 'acme',
      scopes: [{ name: 'last month', limit: 10, endsAt: clock.now() - DAY_MS }],
      amount: 10,
      ttlMs: 1000,
      reservationId: 'one',
    };
    accepted(await store.budgets.reserve(request));
    refusedAs(await store.budgets.reserve({ ...request, reservationId: 'two', amount: 1 }), 'exceeded');
    accepted(await store.budgets.settle(request, 10));
  },

  'a limit may have 10,000 units, all taken at once or one by one': async ({ store, second, clock }) => {
    const key = { tenantId: 'acme', name: 'n' };
    const rule = { limit: UNITS, windowMs: 1000 };
    assert.equal((await store.limits.consume(key, rule, { cost: UNITS - 2, id: 'most' })).remaining, 2);
    await clock.advance(1);
    assert.ok((await second.limits.consume(key, rule)).allowed);
    assert.ok((await second.limits.consume(key, rule)).allowed);
    assert.equal((await store.limits.consume(key, rule)).retryAfterMs, 999);
    await clock.advance(999);
    assert.equal((await store.limits.peek(key, rule)).remaining, UNITS - 2);
  },

  'a limit that is too large to be counted is refused, not counted wrongly': async ({ store }) => {
    const key = { tenantId: 'acme', name: 'n' };
    for (const limit of [UNITS + 1, 100_001, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
      const rule = { limit, windowMs: 1000 };
      const decision = await store.limits.consume(key, rule).catch((error: unknown) => error);
      if (decision instanceof Error) await failsWith('invalid_argument', Promise.reject(decision));
      else assert.deepEqual(decision, { ...(decision as object), allowed: true, limit, remaining: limit - 1 });
    }
    await failsWith('invalid_argument', store.limits.consume(key, { limit: 0.5, windowMs: 1000 }));
    await failsWith('invalid_argument', store.limits.consume(key, { limit: 2 ** 53, windowMs: 1000 }));
  },
};
