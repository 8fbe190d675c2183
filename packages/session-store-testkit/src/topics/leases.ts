import assert from 'node:assert/strict';
import { accepted, countOf, parallel, refusedAs } from '../expectations.ts';
import type { Checks } from '../harness.ts';

const NAME = 'sweeper';
const TTL_MS = 1000;

export const leases: Checks = {
  'a lease names its holder and its deadline': async ({ store, clock }) => {
    const lease = accepted(await store.leases.acquire(NAME, 'a', TTL_MS));
    assert.deepEqual(lease, {
      name: NAME,
      holder: 'a',
      fencingToken: lease.fencingToken,
      expiresAt: clock.now() + TTL_MS,
    });
    assert.ok(Number.isSafeInteger(lease.fencingToken) && lease.fencingToken > 0);
  },

  'E-01: of 30 holders exactly one gets the lease': async (trial) => {
    const results = await parallel(trial, 30, (store, index) => store.leases.acquire(NAME, `holder-${index}`, TTL_MS));
    assert.equal(
      countOf(results, ({ ok }) => ok),
      1,
    );
    for (const result of results) if (!result.ok) refusedAs(result, 'held');
  },

  'the same holder acquires again, with the same token and a new deadline': async ({ store, second, clock }) => {
    const first = accepted(await store.leases.acquire(NAME, 'a', TTL_MS));
    await clock.advance(500);
    const again = accepted(await second.leases.acquire(NAME, 'a', 2 * TTL_MS));
    assert.deepEqual(again, { ...first, expiresAt: clock.now() + 2 * TTL_MS });
  },

  'a lease is free at its deadline, to the millisecond': async ({ store, second, clock }) => {
    const first = accepted(await store.leases.acquire(NAME, 'a', TTL_MS));
    await clock.advance(TTL_MS - 1);
    refusedAs(await second.leases.acquire(NAME, 'b', TTL_MS), 'held');
    await clock.advance(1);
    const taken = accepted(await second.leases.acquire(NAME, 'b', TTL_MS));
    assert.ok(taken.fencingToken > first.fencingToken, 'the fencing token must grow');
  },

  'a holder whose lease ended has lost it, also when it acquires it again': async ({ store, clock }) => {
    const first = accepted(await store.leases.acquire(NAME, 'a', TTL_MS));
    await clock.advance(TTL_MS);
    refusedAs(await store.leases.renew(first, TTL_MS), 'lost');
    refusedAs(await store.leases.release(first), 'lost');
    const again = accepted(await store.leases.acquire(NAME, 'a', TTL_MS));
    assert.ok(again.fencingToken > first.fencingToken, 'the fencing token must grow past a gap');
    refusedAs(await store.leases.renew(first, TTL_MS), 'lost');
  },

  "a stale holder neither renews nor releases the next one's lease": async ({ store, second, clock }) => {
    const stale = accepted(await store.leases.acquire(NAME, 'a', TTL_MS));
    await clock.advance(TTL_MS);
    const lease = accepted(await second.leases.acquire(NAME, 'b', TTL_MS));
    refusedAs(await store.leases.renew(stale, 99_000), 'lost');
    refusedAs(await store.leases.release(stale), 'lost');
    refusedAs(await store.leases.acquire(NAME, 'a', TTL_MS), 'held');
    accepted(await second.leases.renew(lease, TTL_MS));
  },

  'a renewal counts from now and keeps the token': async ({ store, clock }) => {
    const lease = accepted(await store.leases.acquire(NAME, 'a', TTL_MS));
    await clock.advance(900);
    const renewed = accepted(await store.leases.renew(lease, TTL_MS));
    assert.deepEqual(renewed, { ...lease, expiresAt: clock.now() + TTL_MS });
    await clock.advance(TTL_MS - 1);
    refusedAs(await store.leases.acquire(NAME, 'b', TTL_MS), 'held');
  },

  'a released lease is free at once, and lost to who released it': async ({ store, second }) => {
    const lease = accepted(await store.leases.acquire(NAME, 'a', TTL_MS));
    assert.equal(accepted(await store.leases.release(lease)), null);
    refusedAs(await store.leases.renew(lease, TTL_MS), 'lost');
    refusedAs(await store.leases.release(lease), 'lost');
    const next = accepted(await second.leases.acquire(NAME, 'b', TTL_MS));
    assert.ok(next.fencingToken > lease.fencingToken);
  },

  'fencing tokens grow for ever, also past a swept lease': async ({ store, clock }) => {
    let seen = 0;
    for (let round = 0; round < 6; round++) {
      const { fencingToken } = accepted(await store.leases.acquire(NAME, `holder-${round}`, TTL_MS));
      assert.ok(fencingToken > seen, `token ${fencingToken} after ${seen}`);
      seen = fencingToken;
      await clock.advance(TTL_MS * (round % 2 === 0 ? 1 : 500));
      await store.sweep({ target: 'leases', limit: 100 });
    }
  },

  'leases of different names are apart': async ({ store }) => {
    accepted(await store.leases.acquire('one', 'a', TTL_MS));
    accepted(await store.leases.acquire('other', 'b', TTL_MS));
  },

  'two holders who take turns never overlap': async (trial) => {
    let holders = 0;
    let turns = 0;
    await parallel(trial, 10, async (store, index) => {
      for (let attempt = 0; attempt < 20; attempt++) {
        const result = await store.leases.acquire(NAME, `holder-${index}`, TTL_MS);
        if (!result.ok) continue;
        assert.equal(++holders, 1, 'two hold the lease');
        turns++;
        await Promise.resolve();
        holders--;
        accepted(await store.leases.release(result.value));
      }
    });
    assert.ok(turns > 0);
  },
};
