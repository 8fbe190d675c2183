import assert from 'node:assert/strict';
import type { BudgetRequest } from '@mooring/session-store';
import { accepted, parallel } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { DAY_MS } from '../samples.ts';

function requestAt(now: number, reservationId: string, amount = 10): BudgetRequest {
  return {
    tenantId: 'acme',
    scopes: [{ name: 'month', limit: 100, endsAt: now + DAY_MS }],
    amount,
    ttlMs: 10_000,
    reservationId,
  };
}

export const budgetReplays: Checks = {
  'B-02: reserving again answers the first reservation, whatever was reserved since': async ({
    store,
    second,
    clock,
  }) => {
    const request = requestAt(clock.now(), 'one');
    const first = accepted(await store.budgets.reserve(request));
    accepted(await store.budgets.reserve(requestAt(clock.now(), 'other', 50)));
    await clock.advance(1000);
    assert.deepEqual(accepted(await second.budgets.reserve(request)), first);
    assert.deepEqual(accepted(await second.budgets.reserve({ ...request, amount: 90 })), first);
    accepted(await store.budgets.settle(request, 3));
    assert.equal(accepted(await second.budgets.reserve(request)).expiresAt, first.expiresAt);
    assert.deepEqual(await store.budgets.usage('acme', ['month']), [{ name: 'month', settled: 3, reserved: 50 }]);
  },

  'B-02: settling again answers the first settlement, whatever happened since': async ({ store, second, clock }) => {
    const request = requestAt(clock.now(), 'one');
    accepted(await store.budgets.reserve(request));
    const first = accepted(await store.budgets.settle(request, 7));
    accepted(await store.budgets.reserve(requestAt(clock.now(), 'other', 50)));
    assert.deepEqual(accepted(await second.budgets.settle(request, 7)), first);
    assert.deepEqual(accepted(await second.budgets.settle(request, 9)), first);
    assert.deepEqual(await store.budgets.usage('acme', ['month']), [{ name: 'month', settled: 7, reserved: 50 }]);
  },

  'B-02: a release after the settlement changes nothing and answers the settlement': async ({
    store,
    second,
    clock,
  }) => {
    const request = requestAt(clock.now(), 'one');
    accepted(await store.budgets.reserve(request));
    const settled = accepted(await store.budgets.settle(request, 7));
    accepted(await store.budgets.reserve(requestAt(clock.now(), 'other', 50)));
    assert.deepEqual(accepted(await second.budgets.release(request)), settled);
    assert.deepEqual(await store.budgets.usage('acme', ['month']), [{ name: 'month', settled: 7, reserved: 50 }]);
  },

  'B-02: a settlement after the release changes nothing and answers the release': async ({ store, second, clock }) => {
    const request = requestAt(clock.now(), 'one');
    accepted(await store.budgets.reserve(request));
    const released = accepted(await store.budgets.release(request));
    accepted(await store.budgets.reserve(requestAt(clock.now(), 'other', 50)));
    assert.deepEqual(accepted(await second.budgets.settle(request, 7)), released);
    assert.deepEqual(await store.budgets.usage('acme', ['month']), [{ name: 'month', settled: 0, reserved: 50 }]);
  },

  'B-02: of settlements and releases at once the first decides, and all answer alike': async (trial) => {
    for (let round = 0; round < 5; round++) {
      const request = requestAt(trial.clock.now(), `reservation-${round}`, 1);
      accepted(await trial.store.budgets.reserve(request));
      const before = (await trial.store.budgets.usage('acme', ['month']))[0];
      const answers = await parallel(trial, 8, async ({ budgets }, index) =>
        accepted(await (index % 3 === 0 ? budgets.release(request) : budgets.settle(request, 1))),
      );
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      const after = (await trial.store.budgets.usage('acme', ['month']))[0];
      assert.deepEqual(answers[0], [after]);
      assert.equal(after?.reserved, 0);
      const spent = (after?.settled ?? 0) - (before?.settled ?? 0);
      assert.ok(spent === 0 || spent === 1, `settled ${spent} for one reservation of 1`);
    }
  },

  'B-02: a release that comes late is one all the same': async ({ store, clock }) => {
    const request = requestAt(clock.now(), 'one');
    accepted(await store.budgets.reserve(request));
    await clock.advance(10_000);
    accepted(await store.budgets.release(request));
    accepted(await store.budgets.settle(request, 8));
    assert.deepEqual(await store.budgets.usage('acme', ['month']), [{ name: 'month', settled: 0, reserved: 0 }]);
  },
};
