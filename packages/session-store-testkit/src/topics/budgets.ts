import assert from 'node:assert/strict';
import type { BudgetRequest, StoreBackend } from '@mooring/session-store';
import { accepted, countOf, failsWith, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { DAY_MS } from '../samples.ts';

const TTL_MS = 10_000;
let reservations = 0;

function requestAt(now: number, change: Partial<BudgetRequest> = {}): BudgetRequest {
  return {
    tenantId: 'acme',
    scopes: [
      { name: 'tenant:2026-11', limit: 1000, endsAt: now + 30 * DAY_MS },
      { name: 'session:1', limit: 100, endsAt: now + DAY_MS },
    ],
    amount: 10,
    ttlMs: TTL_MS,
    reservationId: `reservation-${++reservations}`,
    ...change,
  };
}

/** Settled and reserved of both scopes, as `settled+reserved`. */
async function usageOf(store: StoreBackend): Promise<string[]> {
  const usage = await store.budgets.usage('acme', ['tenant:2026-11', 'session:1']);
  return usage.map(({ settled, reserved }) => `${settled}+${reserved}`);
}

export const budgets: Checks = {
  'reserve, then settle for what it cost': async ({ store, second, clock }) => {
    const request = requestAt(clock.now(), { amount: 30 });
    const usage = (settled: number, reserved: number) =>
      request.scopes.map(({ name }) => ({ name, settled, reserved }));
    assert.deepEqual(accepted(await store.budgets.reserve(request)), {
      reservationId: request.reservationId,
      expiresAt: clock.now() + TTL_MS,
      usage: usage(0, 30),
    });
    assert.deepEqual(accepted(await second.budgets.settle(request, 12)), usage(12, 0));
    assert.deepEqual(await usageOf(store), ['12+0', '12+0']);
  },

  'B-01: settled and reserved never pass the limit under 40 reservations at once': async (trial) => {
    const now = trial.clock.now();
    accepted(await trial.store.budgets.reserve(requestAt(now, { amount: 25, reservationId: 'spent' })));
    accepted(await trial.store.budgets.settle({ tenantId: 'acme', reservationId: 'spent' }, 25));
    const results = await parallel(trial, 40, (store) => store.budgets.reserve(requestAt(now)));
    assert.equal(
      countOf(results, ({ ok }) => ok),
      7,
    );
    for (const result of results) if (!result.ok) refusedAs(result, 'exceeded');
    assert.deepEqual(await usageOf(trial.store), ['25+70', '25+70']);
  },

  'B-01: in all scopes or in none': async ({ store, clock }) => {
    refusedAs(await store.budgets.reserve(requestAt(clock.now(), { amount: 101 })), 'exceeded');
    assert.deepEqual(await usageOf(store), ['0+0', '0+0']);
    accepted(await store.budgets.reserve(requestAt(clock.now(), { amount: 100 })));
  },

  'B-02: a lost reservation returns after its time, to the millisecond': async ({ store, clock }) => {
    accepted(await store.budgets.reserve(requestAt(clock.now(), { amount: 100 })));
    await clock.advance(TTL_MS - 1);
    refusedAs(await store.budgets.reserve(requestAt(clock.now(), { amount: 1 })), 'exceeded');
    await clock.advance(1);
    assert.deepEqual(await usageOf(store), ['0+0', '0+0']);
    accepted(await store.budgets.reserve(requestAt(clock.now(), { amount: 100 })));
  },

  'B-02: reserving again with one id reserves once': async (trial) => {
    const request = requestAt(trial.clock.now());
    const first = accepted(await trial.store.budgets.reserve(request));
    await trial.clock.advance(1000);
    for (const result of await parallel(trial, 10, (store) => store.budgets.reserve(request))) {
      assert.equal(accepted(result).expiresAt, first.expiresAt);
    }
    assert.deepEqual(await usageOf(trial.store), ['0+10', '0+10']);
  },

  'B-02: settling again answers the first settlement': async (trial) => {
    const request = requestAt(trial.clock.now());
    accepted(await trial.store.budgets.reserve(request));
    await parallel(trial, 10, async (store) => accepted(await store.budgets.settle(request, 7)));
    accepted(await trial.store.budgets.settle(request, 9));
    accepted(await trial.store.budgets.release(request));
    assert.deepEqual(await usageOf(trial.store), ['7+0', '7+0']);
  },

  'B-02: a late settlement is recorded, it was spent': async ({ store, clock }) => {
    const request = requestAt(clock.now());
    accepted(await store.budgets.reserve(request));
    await clock.advance(TTL_MS);
    await store.sweep({ target: 'budgets', limit: 100 });
    accepted(await store.budgets.settle(request, 8));
    assert.deepEqual(await usageOf(store), ['8+0', '8+0']);
  },

  'settling more than was reserved is recorded whole, also past the limit': async ({ store, clock }) => {
    const request = requestAt(clock.now());
    accepted(await store.budgets.reserve(request));
    accepted(await store.budgets.settle(request, 130));
    assert.deepEqual(await usageOf(store), ['130+0', '130+0']);
    refusedAs(await store.budgets.reserve(requestAt(clock.now(), { amount: 1 })), 'exceeded');
  },

  'a released reservation returns at once': async ({ store, second, clock }) => {
    const request = requestAt(clock.now(), { amount: 100 });
    accepted(await store.budgets.reserve(request));
    accepted(await second.budgets.release(request));
    assert.deepEqual(await usageOf(store), ['0+0', '0+0']);
    accepted(await second.budgets.release(request));
    accepted(await store.budgets.reserve(requestAt(clock.now(), { amount: 100 })));
  },

  'what was never reserved is not found': async ({ store, clock }) => {
    const request = requestAt(clock.now());
    accepted(await store.budgets.reserve(request));
    const unknown = { tenantId: 'acme', reservationId: 'unknown' };
    refusedAs(await store.budgets.settle(unknown, 1), 'not_found');
    refusedAs(await store.budgets.release(unknown), 'not_found');
    refusedAs(await store.budgets.settle({ ...request, tenantId: 'globex' }, 1), 'not_found');
  },

  'B-03: a period of 30 days is kept to its end, through sweeps': async ({ store, clock }) => {
    const request = requestAt(clock.now());
    accepted(await store.budgets.reserve(request));
    accepted(await store.budgets.settle(request, 5));
    await clock.advance(30 * DAY_MS - 1);
    await store.sweep({ target: 'budgets', limit: 100 });
    assert.equal((await usageOf(store))[0], '5+0');
  },

  'tenants have budgets of their own': async ({ store, clock }) => {
    accepted(await store.budgets.reserve(requestAt(clock.now(), { amount: 100 })));
    accepted(await store.budgets.reserve(requestAt(clock.now(), { amount: 100, tenantId: 'globex' })));
  },

  'bad amounts and scopes are refused': async ({ store, clock }) => {
    const now = clock.now();
    await failsWith('invalid_argument', store.budgets.reserve(requestAt(now, { amount: -1 })));
    await failsWith('invalid_argument', store.budgets.reserve(requestAt(now, { amount: 0.5 })));
    await failsWith('invalid_argument', store.budgets.reserve(requestAt(now, { scopes: [] })));
    await failsWith('invalid_argument', store.budgets.settle(requestAt(now), -1));
  },
};
