import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '@mooring/session-store';
import type { AttemptKey, StoreBackend } from '@mooring/session-store';
import { accepted, inTime, openedOver, recovered } from '../expectations.ts';
import { needing } from '../harness.ts';
import type { Check, Checks } from '../harness.ts';
import { allPages, poolRequest, refOf, sessionOf } from '../samples.ts';

const DAY_MS = 86_400_000;
const POLICY = { limit: 100, windowMs: DAY_MS, lockStepsMs: [1000], resetAfterMs: DAY_MS };
const ACCOUNT: AttemptKey = { scope: 'account', value: 'ann', policy: POLICY };
const RULE = { limit: 100, windowMs: DAY_MS };

/** A call that may be sent again, and how to see how often it counted. */
interface Retriable {
  call(store: StoreBackend): Promise<unknown>;
  count(store: StoreBackend): Promise<number>;
}

const RETRIABLES: Readonly<Record<string, (round: number, now: number) => Retriable>> = {
  'a unit that is taken': (round) => {
    const key = { tenantId: 'acme', name: `messages-${round}` };
    return {
      call: (store) => store.limits.consume(key, RULE, { id: 'request' }),
      count: async (store) => RULE.limit - (await store.limits.peek(key, RULE)).remaining,
    };
  },
  'a failure that is recorded': (round) => {
    const keys = [{ ...ACCOUNT, value: `ann-${round}` }];
    return {
      call: (store) => store.attempts.recordFailure('acme', keys, { id: 'login' }),
      count: async (store) => (await store.attempts.check('acme', keys)).states[0]?.failures ?? 0,
    };
  },
  'an amount that is reserved': (round, now) => {
    const name = `month-${round}`;
    const request = {
      tenantId: 'acme',
      scopes: [{ name, limit: 1000, endsAt: now + DAY_MS }],
      amount: 10,
      ttlMs: DAY_MS,
      reservationId: `reservation-${round}`,
    };
    return {
      call: async (store) => accepted(await store.budgets.reserve(request)),
      count: async (store) => ((await store.budgets.usage('acme', [name]))[0]?.reserved ?? 0) / 10,
    };
  },
  'a slot that is leased': (round) => {
    const key = { target: `warehouse-${round}`, tenantId: 'acme', identity: 'reader' };
    const request = poolRequest({ key, maxPerKey: 10, maxPerTarget: 10, leaseTtlMs: DAY_MS });
    return {
      call: async (store) => accepted(await store.pool.acquire(request)),
      count: async (store) => (await allPages(100, (page) => store.pool.list({ target: key.target }, page))).length,
    };
  },
  'a session that is created': () => {
    const session = sessionOf();
    return {
      call: (store) => store.sessions.create(session),
      count: async (store) => ((await store.sessions.get(refOf(session))).ok ? 1 : 0),
    };
  },
};

/** The line is cut before the call leaves, while it is on its way, and while its answer is: about then, any will do. */
const CUT_AFTER_MS = [0, 25, 60];

/** What an error says of its outcome is true, and the retry counts once. */
function countsOnce(make: (round: number, now: number) => Retriable): Check {
  return needing('faults', async (trial, faults) => {
    const line = trial.keep(await faults());
    const store = await openedOver(trial, line);
    for (const [round, waitMs] of CUT_AFTER_MS.entries()) {
      const retriable = make(round, trial.clock.now());
      await recovered(trial, 'a ping', () => store.ping());
      line.delay(40);
      const outcome = retriable.call(store).then(
        () => 'applied',
        (error: unknown) => {
          assert.ok(error instanceof StoreError, `failed with ${String(error)}, should be a StoreError`);
          assert.ok(error.retryable);
          return error.outcome;
        },
      );
      await sleep(waitMs);
      line.cut();
      const seen = await inTime(trial, 'the call', outcome);
      line.heal();
      if (seen !== 'unknown')
        assert.equal(await retriable.count(trial.store), seen === 'applied' ? 1 : 0, `it was ${seen}`);
      await recovered(trial, 'the retry', () => retriable.call(store));
      await recovered(trial, 'the retry', () => retriable.call(store));
      assert.equal(await retriable.count(trial.store), 1);
    }
  });
}

export const retries: Checks = {
  ...Object.fromEntries(
    Object.entries(RETRIABLES).map(([what, make]) => [
      `${what === 'a unit that is taken' ? 'L-06, F-01' : 'F-01'}: ${what} over a line that is cut counts once when it is tried again`,
      countsOnce(make),
    ]),
  ),
};
