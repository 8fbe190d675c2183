import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { countOf } from '../expectations.ts';
import { DAY_MS } from '../samples.ts';
import { BriefHoldings } from './brief-holdings.ts';
import { Load } from './load.ts';
import { eventually, fresh } from './process-harness.ts';
import type { ProcessChecks, ProcessHarness } from './process-harness.ts';

/** Repeats calls, each when the one before was answered, until one fails. */
async function untilItFails(call: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await call();
    } catch {
      return;
    }
    await sleep(1);
  }
}

export const lostClient: ProcessChecks<ProcessHarness> = {
  'a process that is killed under load: what it was told is there, and what it asked last is whole or not at all':
    async (harness) => {
      for (const kind of ['limits', 'budgets', 'sessions'] as const) {
        const client = await harness.start();
        const load = new Load(harness, [client.store]);
        try {
          await load.each('work of every kind', 'steps', 4);
          await load.burst(kind);
        } finally {
          await client.kill();
          await load.stop();
        }
        const [store] = harness.stores();
        for (const trace of load.traces) await trace.verify(store, true);
      }
    },

  'a process that is killed under load: what it took of a limit counts on for the others': async (harness) => {
    const client = await harness.start();
    const key = { tenantId: fresh('tenant'), name: 'requests' };
    const rule = { limit: 400, windowMs: DAY_MS };
    let told = 0;
    const callers = Array.from({ length: 16 }, () =>
      untilItFails(async () => {
        if ((await client.store.limits.consume(key, rule)).allowed) told += 1;
      }),
    );
    try {
      await eventually(harness, 'units', () => told >= 40);
    } finally {
      await client.kill();
      await Promise.all(callers);
    }
    const [one, other] = harness.stores();
    const after = await Promise.all(
      Array.from({ length: rule.limit }, (_, index) => (index % 2 === 0 ? one : other).limits.consume(key, rule)),
    );
    const all = told + countOf(after, ({ allowed }) => allowed);
    assert.ok(all <= rule.limit, `${all} units of ${rule.limit}`);
    assert.ok(all >= rule.limit - callers.length, `${all} units of ${rule.limit}: more are gone than were asked for`);
  },

  'a process that is killed under load: its leases, reservations and slots return by themselves, none before its time':
    async (harness) => {
      const client = await harness.start();
      const holdings = new BriefHoldings(harness);
      const callers = Array.from({ length: 3 }, () => untilItFails(() => holdings.take(client.store)));
      try {
        await holdings.areManifold();
      } finally {
        await client.kill();
        await Promise.all(callers);
      }
      await holdings.verifyReturn(harness.stores()[0]);
    },
};
