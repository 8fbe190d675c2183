import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { BudgetLedger } from './budget-ledger.ts';
import type { BudgetPolicy, Spending } from './budget-ledger.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ANN = { tenantId: 'acme', session: 'one', user: 'ann' };
const TENANT_MONTH: BudgetPolicy = { name: 'rows', scope: 'tenant', limit: 200, period: 'month' };

function setUp(policies: readonly BudgetPolicy[], timeZone = 'UTC', now?: number) {
  const clock = new ManualClock(now);
  const { budgets } = createMemoryStore({ namespace: 'budgets', clock });
  const ledger = new BudgetLedger({ budgets, policies, timeZone, clock });
  const spend = async (amount: number, consumer = ANN): Promise<Spending | undefined> => {
    const reserved = await ledger.reserve({ consumer, amount });
    return reserved.ok ? reserved.value : undefined;
  };
  return { clock, ledger, spend };
}

describe('BudgetLedger', () => {
  it('records 20 spends of 10 at once as 200, and never passes the limit', async () => {
    const { ledger, spend } = setUp([TENANT_MONTH]);
    const spendings = await Promise.all(Array.from({ length: 30 }, () => spend(10)));
    const held = spendings.filter((spending) => spending !== undefined);
    expect(held).toHaveLength(20);
    await Promise.all(held.map((spending) => spending.settle(10)));
    expect(await ledger.usage(ANN)).toMatchObject([{ settled: 200, reserved: 0, remaining: 0 }]);
    expect(await spend(1)).toBeUndefined();
  });

  it('holds in all scopes or in none', async () => {
    const { ledger, spend } = setUp([
      { name: 'rows', scope: 'session', limit: 50, period: 'day' },
      { name: 'rows', scope: 'user', limit: 80, period: 'day' },
      { ...TENANT_MONTH, limit: 100 },
    ]);
    await spend(50);
    expect(await spend(1)).toBeUndefined();
    await spend(30, { ...ANN, session: 'two' });
    expect(await spend(1, { ...ANN, session: 'two' })).toBeUndefined();
    await spend(20, { ...ANN, session: 'three', user: 'bob' });
    expect(await spend(1, { ...ANN, session: 'four', user: 'eve' })).toBeUndefined();
    const left = (await ledger.usage(ANN)).map(({ policy, remaining }) => [policy.scope, remaining]);
    expect(left).toEqual([
      ['session', 0],
      ['user', 0],
      ['tenant', 0],
    ]);
  });

  it('gives back what was released, what cost less, and what nobody settled', async () => {
    const { clock, ledger, spend } = setUp([TENANT_MONTH]);
    await (await spend(100))?.release();
    await (await spend(100))?.settle(30);
    const reserved = await ledger.reserve({ consumer: ANN, amount: 150, ttlMs: 1000 });
    expect(reserved).toMatchObject({ ok: true, value: { states: [{ settled: 30, reserved: 150, remaining: 20 }] } });
    expect(await ledger.usage(ANN)).toMatchObject([{ settled: 30, reserved: 150, remaining: 20 }]);
    await clock.advance(1000);
    expect(await ledger.usage(ANN)).toMatchObject([{ settled: 30, reserved: 0, remaining: 170 }]);
  });

  it('records what was spent beyond the limit, and counts a repeated reservation once', async () => {
    const { ledger, spend } = setUp([TENANT_MONTH]);
    await (await spend(10))?.settle(500);
    expect(await ledger.usage(ANN)).toMatchObject([{ settled: 500, remaining: 0 }]);
    const other = setUp([TENANT_MONTH]);
    for (let retry = 0; retry < 3; retry += 1) await other.ledger.reserve({ consumer: ANN, amount: 10, id: 'query-1' });
    expect(await other.ledger.usage(ANN)).toMatchObject([{ reserved: 10 }]);
  });

  it('begins a day and a month where the calendar of the time zone does, also when clocks change', async () => {
    const before = Date.parse('2026-03-28T22:59:59.999Z');
    const policies: BudgetPolicy[] = [{ name: 'rows', scope: 'tenant', limit: 10, period: 'day' }];
    const berlin = setUp(policies, 'Europe/Berlin', before);
    await (await berlin.spend(10))?.settle(10);
    expect(await berlin.spend(1)).toBeUndefined();
    await berlin.clock.advance(1);
    await (await berlin.spend(10))?.settle(10);
    const [state] = await berlin.ledger.usage(ANN);
    // The day on which summer time begins has 23 hours.
    expect(state?.endsAt).toBe(before + 1 + 23 * HOUR_MS);
    await berlin.clock.advance(23 * HOUR_MS - 1);
    expect(await berlin.spend(1)).toBeUndefined();
    await berlin.clock.advance(1);
    expect(await berlin.spend(10)).toBeDefined();

    const month = setUp([TENANT_MONTH], 'UTC', Date.parse('2026-02-01T00:00:00Z'));
    expect((await month.ledger.usage(ANN))[0]?.endsAt).toBe(Date.parse('2026-03-01T00:00:00Z'));
  });

  it('never lets more than the limit through in any stretch of a rolling period', async () => {
    const rollingMs = 30 * DAY_MS;
    const { clock, spend } = setUp([{ name: 'rows', scope: 'tenant', limit: 100, period: { rollingMs } }]);
    const spent: { readonly at: number; readonly amount: number }[] = [];
    let seed = 7;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let step = 0; step < 2000; step += 1) {
      await clock.advance(Math.floor(random() * 2 * DAY_MS));
      const amount = 1 + Math.floor(random() * 30);
      const spending = await spend(amount);
      if (spending === undefined) continue;
      await spending.settle(amount);
      spent.push({ at: clock.now(), amount });
    }
    for (const { at } of spent) {
      const within = spent.filter((other) => other.at >= at && other.at < at + rollingMs);
      expect(within.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(100);
    }
    // And it is not used by far less either: what is spent comes back a sixth of the period late at the most.
    const total = spent.reduce((sum, { amount }) => sum + amount, 0);
    const periods = ((spent.at(-1)?.at ?? 0) - (spent[0]?.at ?? 0)) / rollingMs;
    expect(total / periods).toBeGreaterThan(70);
  });

  it.each([
    [[], 'there must be a policy'],
    [[{ ...TENANT_MONTH, limit: -1 }], 'rows.limit must be'],
    [[{ ...TENANT_MONTH, period: 'year' }], 'rows.period must be day, month or'],
    [[{ ...TENANT_MONTH, period: { rollingMs: 5 } }], 'rows.period.rollingMs must be'],
    [
      (['session', 'user', 'tenant'] as const).map((scope) => ({
        ...TENANT_MONTH,
        scope,
        period: { rollingMs: DAY_MS },
      })),
      'the policies have 21 counts, at most 16 fit',
    ],
  ])('refuses %j', (policies, message) => {
    expect(() => setUp(policies as BudgetPolicy[])).toThrow(message);
  });

  it('refuses amounts that are none, and time zones that are none', async () => {
    const { ledger, spend } = setUp([TENANT_MONTH]);
    await expect(spend(0.5)).rejects.toThrow('amount must be a whole number');
    await expect(ledger.reserve({ consumer: ANN, amount: 1, ttlMs: 0 })).rejects.toThrow('ttlMs must be');
    await expect((await spend(1))?.settle(-1)).rejects.toThrow('actual must be');
    expect(() => setUp([TENANT_MONTH], 'Middle/Earth')).toThrow('timeZone must be a name like');
  });
});
