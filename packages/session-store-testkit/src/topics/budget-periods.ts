import assert from 'node:assert/strict';
import type { BudgetRequest, StoreBackend } from '@mooring/session-store';
import { accepted, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { ManualClock } from '../manual-clock.ts';
import { DAY_MS } from '../samples.ts';

let reservations = 0;

function requestIn(name: string, endsAt: number, amount: number): BudgetRequest {
  return {
    tenantId: 'acme',
    scopes: [{ name, limit: 100, endsAt }],
    amount,
    ttlMs: 60_000,
    reservationId: `reservation-${++reservations}`,
  };
}

async function spend(store: StoreBackend, name: string, endsAt: number, amount: number): Promise<void> {
  const request = requestIn(name, endsAt, amount);
  accepted(await store.budgets.reserve(request));
  accepted(await store.budgets.settle(request, amount));
}

const settledIn = async (store: StoreBackend, name: string): Promise<number | undefined> =>
  (await store.budgets.usage('acme', [name]))[0]?.settled;

/** Midnight in Berlin at the first of a month of 2026: summer time begins on 29 March and ends on 25 October. */
const BERLIN_MONTHS: readonly (readonly [name: string, startsAt: string, endsAt: string])[] = [
  ['tenant:2026-02', '2026-01-31T23:00:00Z', '2026-02-28T23:00:00Z'],
  ['tenant:2026-03', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z'],
  ['tenant:2026-10', '2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z'],
];

export const budgetPeriods: Checks = {
  'B-03: calendar months of 28 to 31 days, with and without a change of the clocks, are kept to their end': async ({
    openWithClock,
  }) => {
    for (const [name, startsAt, end] of BERLIN_MONTHS) {
      const endsAt = Date.parse(end);
      const clock = new ManualClock(Date.parse(startsAt));
      const store = await openWithClock(clock);
      await spend(store, name, endsAt, 60);
      await clock.advance(endsAt - clock.now() - 1);
      await store.sweep({ target: 'budgets', limit: 100 });
      assert.equal(await settledIn(store, name), 60);
      refusedAs(await store.budgets.reserve(requestIn(name, endsAt, 41)), 'exceeded');
      accepted(await store.budgets.reserve(requestIn(name, endsAt, 40)));
    }
  },

  'B-03: the next period begins with nothing spent, and the last one stays readable beside it': async ({
    store,
    clock,
  }) => {
    const first = clock.now() + 31 * DAY_MS;
    await spend(store, 'tenant:2026-01', first, 100);
    await clock.advance(31 * DAY_MS);
    await spend(store, 'tenant:2026-02', first + 28 * DAY_MS, 100);
    refusedAs(await store.budgets.reserve(requestIn('tenant:2026-02', first + 28 * DAY_MS, 1)), 'exceeded');
  },

  'B-03: a period that is said to end later is kept longer': async ({ store, clock }) => {
    const now = clock.now();
    await spend(store, 'trial', now + DAY_MS, 30);
    await spend(store, 'trial', now + 30 * DAY_MS, 30);
    await clock.advance(29 * DAY_MS);
    await store.sweep({ target: 'budgets', limit: 100 });
    assert.equal(await settledIn(store, 'trial'), 60);
  },

  'B-03: a reservation into the next period counts there, settled or not': async ({ store, clock }) => {
    const endsAt = clock.now() + 1000;
    const request = requestIn('month', endsAt, 80);
    accepted(await store.budgets.reserve(request));
    await clock.advance(2000);
    await store.sweep({ target: 'budgets', limit: 100 });
    refusedAs(await store.budgets.reserve(requestIn('month', endsAt, 21)), 'exceeded');
    accepted(await store.budgets.settle(request, 80));
  },
};
