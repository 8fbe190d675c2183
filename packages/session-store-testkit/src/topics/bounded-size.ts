import assert from 'node:assert/strict';
import type { AttemptKey, StoreBackend, SweepTarget } from '@mooring/session-store';
import { accepted, parallel } from '../expectations.ts';
import { needing } from '../harness.ts';
import type { Check, Checks, Trial } from '../harness.ts';
import { DAY_MS, LIFETIME, created, digest, openedSession, poolRequest, refOf } from '../samples.ts';

const FLOOD = 10_000;
/** Most that one call takes. */
const KEYS_AT_ONCE = 16;
/** What the backend collects by itself is gone by then, whatever its margin. */
const LATER_MS = DAY_MS;
const TARGETS: readonly SweepTarget[] = ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'];

const RULE = { limit: 5, windowMs: 1000 };
const POLICY = { limit: 5, windowMs: 1000, lockStepsMs: [1000], resetAfterMs: 1000 };

async function swept(store: StoreBackend): Promise<void> {
  for (const target of TARGETS) {
    for (let batches = 0; batches < 1000; batches++) {
      if (!accepted(await store.sweep({ target, limit: 1000 })).more) break;
    }
  }
}

/** What was filled in is gone when it is dead and was swept: the size is what it was before. */
function returns(fill: (trial: Trial) => Promise<void>, deadAfterMs: number): Check {
  return needing('raw.size', async (trial, size) => {
    const { store, clock, namespace } = trial;
    const before = await size(namespace, LATER_MS);
    await fill(trial);
    assert.ok((await size(namespace, 0)) > before, 'the size shows nothing of this; it proves nothing');
    await clock.advance(deadAfterMs);
    await swept(store);
    // What is forgotten with a margin, such as when all sessions of a subject were ended.
    await clock.advance(2 * DAY_MS);
    await swept(store);
    assert.equal(await size(namespace, LATER_MS), before);
  });
}

export const boundedSize: Checks = {
  'S-12: dead sessions and their places in every index are gone within one sweep': needing(
    'raw.size',
    async ({ store, clock, namespace }, size) => {
      // Longer than anything that the backend might collect meanwhile.
      const lifetimeMs = 30 * DAY_MS;
      for (const subjectId of ['ann', 'bob'])
        await created(store, { subjectId, idleTimeoutMs: lifetimeMs, lifetimeMs });
      const before = await size(namespace, LATER_MS);
      for (let index = 0; index < 6; index++) {
        const subjectId = index % 2 === 0 ? 'ann' : 'bob';
        await created(store, { subjectId, idleTimeoutMs: 1000, lifetimeMs, verifier: digest('a') });
      }
      assert.ok((await size(namespace, LATER_MS)) > before, 'the size shows nothing of this; it proves nothing');
      await clock.advance(1000);
      assert.equal((await store.sessions.list({ tenantId: 'acme' }, { limit: 10 })).items.length, 2);
      accepted(await store.sweep({ target: 'sessions', limit: 100 }));
      assert.equal(await size(namespace, LATER_MS), before);
    },
  ),

  'S-12: revoked sessions, tombstones and ends of all sessions leave nothing': returns(async ({ store, clock }) => {
    for (let index = 0; index < 5; index++) {
      const record = await created(store, { lifetimeMs: 10_000, verifier: digest('a') });
      await store.sessions.rotate(refOf(record), { presented: digest('a'), next: digest('b'), graceMs: 0 });
      await store.sessions.revoke(refOf(record), 'logout');
      await created(store, { lifetimeMs: 10_000 });
    }
    await clock.advance(1);
    await store.sessions.revokeWhere({ tenantId: 'acme', subjectId: 'ann' }, 'everywhere');
  }, 10_000),

  'L-04: a limit whose window is over leaves nothing': returns(async ({ store }) => {
    for (let index = 0; index < 5; index++) {
      await store.limits.consume({ tenantId: 'acme', name: `n-${index}` }, RULE);
      await store.limits.consume({ tenantId: 'acme', name: `n-${index}` }, RULE, { id: `id-${index}`, cost: 2 });
    }
  }, 1000),

  'attempts that are over leave nothing': returns(async ({ store }) => {
    for (let index = 0; index < 6; index++) {
      await store.attempts.recordFailure('acme', [{ scope: 'account', value: 'ann', policy: POLICY }]);
      await store.attempts.recordFailure('acme', [{ scope: 'ip', value: `192.0.2.${index}`, policy: POLICY }]);
    }
  }, 2000),

  'budgets whose period is over leave nothing': returns(async ({ store, clock }) => {
    for (let index = 0; index < 5; index++) {
      const request = {
        tenantId: 'acme',
        scopes: [{ name: `scope-${index}`, limit: 100, endsAt: clock.now() + 5000 }],
        amount: 10,
        ttlMs: 1000,
        reservationId: `reservation-${index}`,
      };
      accepted(await store.budgets.reserve(request));
      if (index % 2 === 0) accepted(await store.budgets.settle(request, 7));
    }
  }, 5000),

  'leases and pooled sessions that are over leave nothing': returns(async ({ store }) => {
    for (let index = 0; index < 5; index++) {
      accepted(await store.leases.acquire(`lease-${index}`, 'a', 1000));
      const change = { leaseTtlMs: 1000, maxPerKey: 20, maxPerTarget: 20 };
      const opened = await openedSession(store, `session-${index}`, change);
      if (index % 2 === 0) await store.pool.release(opened, LIFETIME);
    }
    await store.pool.acquire(poolRequest({ maxPerKey: 1, holder: 'other' }));
  }, 80_000),

  'A-02, L-04: a flood of distinct limits leaves the store at its size before': returns(
    (trial) =>
      flood(trial, keysOf(trial), (store, index) =>
        store.limits.consume({ tenantId: 'acme', name: `n-${index}` }, RULE),
      ),
    1000,
  ),

  'A-02: a flood of failures for distinct accounts leaves the store at its size before': returns(
    (trial) =>
      flood(trial, keysOf(trial) / KEYS_AT_ONCE, (store, index) =>
        store.attempts.recordFailure(
          'acme',
          Array.from({ length: KEYS_AT_ONCE }, (_, place): AttemptKey => ({
            scope: 'account',
            value: `${index}-${place}`,
            policy: POLICY,
          })),
        ),
      ),
    2000,
  ),
};

function keysOf({ harness: { floodKeys = FLOOD } }: Trial): number {
  return floodKeys;
}

/** Calls in waves, so that no queue of an adapter is what is tested. */
async function flood(
  trial: Trial,
  count: number,
  call: (store: StoreBackend, index: number) => Promise<unknown>,
): Promise<void> {
  for (let done = 0; done < count; done += 200) {
    await parallel(trial, Math.min(200, count - done), (store, index) => call(store, done + index));
  }
}
