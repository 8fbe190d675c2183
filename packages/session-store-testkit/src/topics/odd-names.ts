import assert from 'node:assert/strict';
import { newSessionId } from '@mooring/session-store';
import type { AttemptKey, BudgetRequest, StoreBackend } from '@mooring/session-store';
import { accepted, failsWith } from '../expectations.ts';
import type { Check, Checks } from '../harness.ts';
import { DAY_MS, created, poolRequest, refOf } from '../samples.ts';

/** What a name may be taken for: a glob, a pattern, a hash tag, a path, a statement, a member of every object. */
const NAMES = [
  '*',
  '?',
  '[a-z]',
  'a:b',
  'a:b:c',
  '{tag}',
  'a{b}c',
  '%_\\',
  '../../etc',
  "'; drop table x; --",
  '__proto__',
  'constructor',
  'toString',
  ' ',
  ' a',
  'a',
  'ü🙂',
  'u\u0308🙂',
  '日本語',
  'x'.repeat(256),
];
const TOO_LONG = 'x'.repeat(300);
const BAD_NAMES: Readonly<Record<string, string>> = {
  'an empty name': '',
  'a name of 300 characters': TOO_LONG,
  'a name with U+0000': 'a\u0000b',
  'half a surrogate pair': '\ud800',
};

let holders = 0;
const RULE = { limit: 2, windowMs: 1000 };
const POLICY = { limit: 2, windowMs: 1000, lockStepsMs: [1000], resetAfterMs: 1000 };

function attemptOf(value: string): AttemptKey {
  return { scope: 'account', value, policy: POLICY };
}

function requestOf(now: number, change: Partial<BudgetRequest> & { readonly name: string }): BudgetRequest {
  const { name, ...rest } = change;
  return {
    tenantId: 'acme',
    scopes: [{ name, limit: 10, endsAt: now + DAY_MS }],
    amount: 1,
    ttlMs: 1000,
    reservationId: 'one',
    ...rest,
  };
}

/** Every name, as the name of every kind of thing, is refused before anything is kept. */
const refuses =
  (name: string): Check =>
  async ({ store, clock }) => {
    const ref = refOf(await created(store));
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      'a tenant': () => store.sessions.get({ ...ref, tenantId: name }),
      'a session': () => store.sessions.get({ ...ref, id: name }),
      'a subject': () => store.sessions.list({ tenantId: 'acme', subjectId: name }, { limit: 1 }),
      'a reason': () => store.sessions.revoke(ref, name),
      'a limit': () => store.limits.consume({ tenantId: 'acme', name }, RULE),
      "a limit's tenant": () => store.limits.peek({ tenantId: name, name: 'n' }, RULE),
      'a request': () => store.limits.consume({ tenantId: 'acme', name: 'n' }, RULE, { id: name }),
      'an account': () => store.attempts.recordFailure('acme', [attemptOf(name)]),
      "an account's tenant": () => store.attempts.check(name, [attemptOf('ann')]),
      'a failure': () => store.attempts.recordFailure('acme', [attemptOf('ann')], { id: name }),
      'a budget': () => store.budgets.reserve(requestOf(clock.now(), { name })),
      'a budget to read': () => store.budgets.usage('acme', [name]),
      'a reservation': () => store.budgets.reserve(requestOf(clock.now(), { name: 'n', reservationId: name })),
      'a reservation to settle': () => store.budgets.settle({ tenantId: 'acme', reservationId: name }, 1),
      'a lease': () => store.leases.acquire(name, 'a', 1000),
      'a holder': () => store.leases.acquire('sweeper', name, 1000),
      'a warehouse': () => store.pool.list({ target: name }, { limit: 1 }),
      'a holder of sessions': () => store.pool.acquire(poolRequest({ holder: name })),
      'a lease of a session': () => store.pool.acquire(poolRequest({ leaseId: name })),
      'a fence': () => store.sweep({ target: 'sessions', limit: 1, fence: { lease: name, fencingToken: 1 } }),
    };
    for (const [what, call] of Object.entries(calls)) {
      const error = await failsWith('invalid_argument', call()).catch((cause: unknown) =>
        assert.fail(`as the name of ${what}: ${String(cause)}`),
      );
      assert.deepEqual([error.outcome, error.retryable], ['not_applied', false]);
      if (name.length > 0) assert.ok(!error.message.includes(name), 'the error repeats the name');
    }
  };

/** What is done under one name is not seen under another. */
const apart =
  (use: (store: StoreBackend, name: string, now: number) => Promise<unknown>): Check =>
  async ({ store, second, clock }) => {
    const answers = [];
    for (const name of NAMES) answers.push(await use(store, name, clock.now()));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    const again = [];
    for (const name of NAMES) again.push(await use(second, name, clock.now()));
    for (const answer of again) assert.deepEqual(answer, again[0]);
    assert.notDeepEqual(again[0], answers[0], 'the second use does not see the first one');
  };

export const oddNames: Checks = {
  ...Object.fromEntries(
    Object.entries(BAD_NAMES).map(([what, name]) => [`${what} is refused as the name of anything`, refuses(name)]),
  ),

  'limits of any name are counted apart': apart(
    async ({ limits }, name) => (await limits.consume({ tenantId: 'acme', name }, RULE)).remaining,
  ),
  'limits of tenants of any name are counted apart': apart(
    async ({ limits }, name) => (await limits.consume({ tenantId: name, name: 'n' }, RULE)).remaining,
  ),
  'accounts of any name are counted apart': apart(
    async ({ attempts }, name) => (await attempts.recordFailure('acme', [attemptOf(name)])).states[0]?.failures,
  ),
  'budgets of any name are spent apart': apart(async ({ budgets }, name, now) => {
    const [before] = await budgets.usage('acme', [name]);
    accepted(await budgets.reserve(requestOf(now, { name, reservationId: name })));
    return before?.reserved;
  }),
  'leases of any name are held apart': apart(
    async ({ leases }, name) => (await leases.acquire(name, `holder-${++holders}`, 100_000)).ok,
  ),
  'session ids that are members of every object are ids': async ({ store, second }) => {
    for (const id of ['__proto____proto__', 'constructor-constructor', 'hasOwnProperty--', '----------------']) {
      const record = await created(store, { id, subjectId: null, data: { id } });
      assert.deepEqual(accepted(await second.sessions.get(refOf(record))), record);
    }
    const other = newSessionId({ tenantId: 'acme', subjectId: null });
    assert.equal((await store.sessions.get({ tenantId: 'acme', id: other })).ok, false);
  },
};
