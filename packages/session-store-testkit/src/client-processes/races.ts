import assert from 'node:assert/strict';
import type { BudgetRequest, SessionRecord, StoreBackend } from '@mooring/session-store';
import { accepted, countOf } from '../expectations.ts';
import { DAY_MS, allPages, created, digest, isAlive, poolRequest, refOf, sessionOf } from '../samples.ts';
import { eventually, fresh } from './process-harness.ts';
import type { ProcessChecks, ProcessHarness } from './process-harness.ts';

/**
 * Starts `count` calls at once, every other one in the other process. A client that opened its connections only then
 * would put them in a row.
 */
async function spread<T>(
  harness: ProcessHarness,
  count: number,
  call: (store: StoreBackend, index: number) => Promise<T>,
): Promise<T[]> {
  const [one, other] = harness.stores();
  const all = <A>(ask: (store: StoreBackend, index: number) => Promise<A>): Promise<A[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => ask(index % 2 === 0 ? one : other, index)));
  await all((store) => store.ping());
  return all(call);
}

function spendOf(tenantId: string, limit: number): BudgetRequest {
  const scopes = [{ name: 'month', limit, endsAt: Date.now() + DAY_MS }];
  return { tenantId, scopes, amount: 10, ttlMs: DAY_MS, reservationId: fresh('spend') };
}

/** Settled and reserved of a tenant's month. */
async function spentOf(store: StoreBackend, tenantId: string): Promise<number> {
  const [usage] = await store.budgets.usage(tenantId, ['month']);
  return (usage?.settled ?? 0) + (usage?.reserved ?? 0);
}

/** Spends 20 times 10 at once, while both processes look at the sum. Answers how many were allowed. */
async function spend20(harness: ProcessHarness, tenantId: string, limit: number): Promise<number> {
  let spending = true;
  const looking = Promise.all(
    harness.stores().map(async (store) => {
      let most = 0;
      while (spending) most = Math.max(most, await spentOf(store, tenantId));
      return most;
    }),
  );
  const results = await spread(harness, 20, async ({ budgets }) => {
    const request = spendOf(tenantId, limit);
    const reserved = await budgets.reserve(request);
    if (reserved.ok) accepted(await budgets.settle(request, request.amount));
    return reserved;
  }).finally(() => (spending = false));
  for (const most of await looking) assert.ok(most <= limit, `${most} of ${limit} were spent`);
  return countOf(results, ({ ok }) => ok);
}

/** Logins in one process while the other ends all sessions of the subject. */
async function loginsAroundRevocation(harness: ProcessHarness) {
  const [one, other] = harness.stores();
  const owner = { tenantId: fresh('tenant'), subjectId: 'ann' };
  const logins: { readonly record: SessionRecord; readonly before: boolean }[] = [];
  let asked = false;
  let over = false;
  const callers = Array.from({ length: 8 }, async () => {
    while (!over) {
      const record = await created(one, owner);
      logins.push({ record, before: !asked });
    }
  });
  try {
    await eventually(harness, 'logins before', () => logins.length >= 24);
    asked = true;
    const { notBefore } = await other.sessions.revokeWhere(owner, 'everywhere');
    const acknowledged = logins.length;
    await eventually(harness, 'logins after', () => logins.length >= acknowledged + 24);
    return { owner, logins, notBefore };
  } finally {
    over = true;
    await Promise.all(callers);
  }
}

export const races: ProcessChecks<ProcessHarness> = {
  'L-01: of 200 calls at once at a limit of 30 exactly 30 are allowed': async (harness) => {
    const key = { tenantId: fresh('tenant'), name: 'burst' };
    const decisions = await spread(harness, 200, (store) => store.limits.consume(key, { limit: 30, windowMs: DAY_MS }));
    const allowed = countOf(decisions, (decision) => decision.allowed);
    assert.equal(allowed, 30);
  },

  'L-01: accepted times satisfy t[i + limit] - t[i] >= window, with 16 callers in each process': async (harness) => {
    const key = { tenantId: fresh('tenant'), name: 'steady' };
    const rule = { limit: 5, windowMs: 50 };
    const times: number[] = [];
    const started = performance.now();
    await spread(harness, 32, async ({ limits }) => {
      while (times.length < 40 * rule.limit) {
        const { allowed, resetAt } = await limits.consume(key, rule);
        if (allowed) times.push(resetAt - rule.windowMs);
      }
    });
    const windows = Math.floor((performance.now() - started) / rule.windowMs) + 1;
    assert.ok(times.length <= windows * rule.limit, `${times.length} units of ${rule.limit} in ${windows} windows`);
    times.sort((first, second) => first - second);
    for (const [index, time] of times.slice(rule.limit).entries()) {
      const spanMs = time - (times[index] ?? 0);
      assert.ok(spanMs >= rule.windowMs, `${rule.limit + 1} units in ${spanMs} ms`);
    }
  },

  'B-01: 20 spends of 10 at once are recorded as 200, and never more': async (harness) => {
    const tenantId = fresh('tenant');
    assert.equal(await spend20(harness, tenantId, 200), 20);
    for (const store of harness.stores()) {
      assert.deepEqual(await store.budgets.usage(tenantId, ['month']), [{ name: 'month', settled: 200, reserved: 0 }]);
    }
    assert.equal((await harness.stores()[1].budgets.reserve(spendOf(tenantId, 200))).ok, false);
  },

  'B-01: of 20 spends of 10 at once exactly 15 fit under a cap of 150': async (harness) => {
    const tenantId = fresh('tenant');
    assert.equal(await spend20(harness, tenantId, 150), 15);
    assert.equal(await spentOf(harness.stores()[0], tenantId), 150);
  },

  'of 10 rotations of one verifier at once one is accepted': async (harness) => {
    const record = await created(harness.stores()[0], { tenantId: fresh('tenant'), verifier: digest('first') });
    const rotated = await spread(harness, 10, async (store, index) => {
      const rotation = { presented: digest('first'), next: digest(`next-${index}`), graceMs: 60_000 };
      return accepted(await store.sessions.rotate(refOf(record), rotation));
    });
    const winners = rotated.flatMap(({ superseded }, index) => (superseded ? [] : [index]));
    assert.equal(winners.length, 1, `${winners.length} rotations were accepted`);
    for (const store of harness.stores()) {
      const presented = digest(`next-${winners[0]}`);
      assert.equal(accepted(await store.sessions.touch(refOf(record), { presented })).superseded, false);
    }
  },

  'of 20 updates of one version at once one is accepted': async (harness) => {
    const record = await created(harness.stores()[0], { tenantId: fresh('tenant') });
    const results = await spread(harness, 20, ({ sessions }, index) =>
      sessions.update(refOf(record), 1, { data: { by: index } }),
    );
    const won = results.flatMap((result, index) => (result.ok ? [index] : []));
    assert.equal(won.length, 1, `${won.length} updates were accepted`);
    const { data, version } = accepted(await harness.stores()[1].sessions.get(refOf(record)));
    assert.deepEqual([data, version], [{ by: won[0] }, 2]);
  },

  'of 20 logins at once as many are accepted as the subject may have sessions': async (harness) => {
    const owner = { tenantId: fresh('tenant'), subjectId: 'ann' };
    const results = await spread(harness, 20, ({ sessions }) =>
      sessions.create(sessionOf(owner), { maxPerSubject: 5 }),
    );
    const accepts = countOf(results, ({ ok }) => ok);
    assert.equal(accepts, 5);
  },

  'of 20 holders at once one gets the lease': async (harness) => {
    const name = fresh('lease');
    const results = await spread(harness, 20, ({ leases }, index) => leases.acquire(name, `holder-${index}`, DAY_MS));
    const accepts = countOf(results, ({ ok }) => ok);
    assert.equal(accepts, 1);
  },

  'of 40 takers at once as many get a slot as the caps allow, each its own': async (harness) => {
    const target = fresh('warehouse');
    const results = await spread(harness, 40, ({ pool }, index) =>
      pool.acquire(
        poolRequest({
          key: { target, tenantId: 'acme', identity: `reader-${index % 4 < 2 ? 1 : 2}` },
          holder: `host-${index}`,
          maxPerKey: 4,
          maxPerTarget: 7,
          leaseTtlMs: DAY_MS,
        }),
      ),
    );
    const slots = results.flatMap((result) => (result.ok ? [result.value.slotId] : []));
    assert.deepEqual([slots.length, new Set(slots).size], [7, 7]);
  },

  'no session that was created before its subject ended all sessions is alive, whoever was logging in': async (
    harness,
  ) => {
    for (let round = 0; round < 3; round += 1) {
      const { owner, logins, notBefore } = await loginsAroundRevocation(harness);
      const store = harness.stores()[round % 2] as StoreBackend;
      const alive = new Set<string>();
      for (const { record, before } of logins) {
        const lives = await isAlive(store, record);
        if (lives) alive.add(record.id);
        assert.ok(!(lives && before), 'a session survived that was created before all were ended');
        assert.equal(lives, record.authenticatedAt > notBefore);
      }
      assert.ok(alive.size > 0, 'nobody could log in afterwards');
      const listed = await allPages(100, (page) => store.sessions.list(owner, page));
      assert.deepEqual(new Set(listed.map(({ id }) => id)), alive);
    }
  },
};
