import assert from 'node:assert/strict';
import type { AttemptKey, AttemptPolicy } from '@mooring/session-store';
import { accepted, failsWith, parallel } from '../expectations.ts';
import type { Checks } from '../harness.ts';

const MINUTE_MS = 60_000;
const POLICY: AttemptPolicy = {
  limit: 3,
  windowMs: MINUTE_MS,
  lockStepsMs: [2 * MINUTE_MS, 10 * MINUTE_MS],
  resetAfterMs: 60 * MINUTE_MS,
};
const ACCOUNT: AttemptKey = { scope: 'account', value: 'ann', policy: POLICY };
const IP: AttemptKey = { scope: 'ip', value: '192.0.2.1', policy: { ...POLICY, limit: 5 } };
const BOTH: AttemptKey = { scope: 'account_ip', value: 'ann|192.0.2.1', policy: POLICY };
const ALL = [IP, ACCOUNT, BOTH];

export const attempts: Checks = {
  'an unknown key is allowed and has no failures': async ({ store }) => {
    assert.deepEqual(await store.attempts.check('acme', ALL), {
      allowed: true,
      retryAfterMs: 0,
      states: ALL.map(({ scope }) => ({ scope, failures: 0, lockedUntil: null })),
    });
  },

  'A-01: the key is locked at its limit, each key by its own policy': async ({ store, second, clock }) => {
    await store.attempts.recordFailure('acme', ALL);
    assert.ok((await second.attempts.recordFailure('acme', ALL)).allowed);
    const verdict = await store.attempts.recordFailure('acme', ALL);
    assert.equal(verdict.allowed, false);
    assert.equal(verdict.retryAfterMs, 2 * MINUTE_MS);
    const lockedUntil = clock.now() + 2 * MINUTE_MS;
    assert.deepEqual(
      verdict.states.map((state) => [state.scope, state.failures, state.lockedUntil]),
      [
        ['ip', 3, null],
        ['account', 3, lockedUntil],
        ['account_ip', 3, lockedUntil],
      ],
    );
    assert.equal((await second.attempts.check('acme', [ACCOUNT])).allowed, false);
    assert.equal((await second.attempts.check('acme', [IP])).allowed, true);
    assert.equal((await second.attempts.check('globex', ALL)).allowed, true);
  },

  'a lock ends to the millisecond': async ({ store, clock }) => {
    for (let index = 0; index < 3; index++) await store.attempts.recordFailure('acme', [ACCOUNT]);
    await clock.advance(2 * MINUTE_MS - 1);
    assert.deepEqual((await store.attempts.check('acme', [ACCOUNT])).retryAfterMs, 1);
    await clock.advance(1);
    assert.ok((await store.attempts.check('acme', [ACCOUNT])).allowed);
  },

  'failures that are further apart than the window do not lock': async ({ store, clock }) => {
    for (let index = 0; index < 8; index++) {
      assert.ok((await store.attempts.recordFailure('acme', [ACCOUNT])).allowed, `locked at failure ${index + 1}`);
      await clock.advance(MINUTE_MS / 2);
    }
  },

  'locks get longer, and the last step repeats': async ({ store, clock }) => {
    const seen = [];
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < 2; index++) await store.attempts.recordFailure('acme', [ACCOUNT]);
      const { retryAfterMs } = await store.attempts.recordFailure('acme', [ACCOUNT]);
      seen.push(retryAfterMs / MINUTE_MS);
      await clock.advance(retryAfterMs);
    }
    assert.deepEqual(seen, [2, 10, 10, 10]);
  },

  'a quiet time starts over': async ({ store, clock }) => {
    const lock = async (): Promise<number> => {
      for (let index = 0; index < 2; index++) await store.attempts.recordFailure('acme', [ACCOUNT]);
      return (await store.attempts.recordFailure('acme', [ACCOUNT])).retryAfterMs;
    };
    assert.equal(await lock(), 2 * MINUTE_MS);
    await clock.advance(2 * MINUTE_MS + POLICY.resetAfterMs);
    assert.equal(await lock(), 2 * MINUTE_MS);
  },

  'A-01: a success clears the account and not the address': async ({ store }) => {
    for (let index = 0; index < 3; index++) await store.attempts.recordFailure('acme', ALL);
    await store.attempts.recordSuccess('acme', ALL);
    const { allowed, states } = await store.attempts.check('acme', ALL);
    assert.ok(allowed);
    assert.deepEqual(
      states.map(({ failures }) => failures),
      [3, 0, 0],
    );
    await store.attempts.recordFailure('acme', [IP]);
    assert.equal((await store.attempts.recordFailure('acme', [IP])).allowed, false);
  },

  'a success starts the lock steps over': async ({ store, clock }) => {
    for (let round = 0; round < 2; round++) {
      let verdict = await store.attempts.recordFailure('acme', [ACCOUNT]);
      while (verdict.allowed) verdict = await store.attempts.recordFailure('acme', [ACCOUNT]);
      assert.equal(verdict.retryAfterMs, 2 * MINUTE_MS);
      await clock.advance(verdict.retryAfterMs);
      await store.attempts.recordSuccess('acme', [ACCOUNT]);
    }
  },

  'a retry with the same id counts once': async ({ store, second }) => {
    for (let index = 0; index < 5; index++) {
      assert.ok((await second.attempts.recordFailure('acme', ALL, { id: 'login-1' })).allowed);
    }
    assert.equal((await store.attempts.check('acme', [ACCOUNT])).states[0]?.failures, 1);
  },

  'of 30 failures at once none is lost': async (trial) => {
    const wide = { ...ACCOUNT, policy: { ...POLICY, limit: 31 } };
    await parallel(trial, 30, (store) => store.attempts.recordFailure('acme', [wide]));
    assert.equal((await trial.store.attempts.check('acme', [wide])).states[0]?.failures, 30);
    assert.equal((await trial.store.attempts.recordFailure('acme', [wide])).allowed, false);
  },

  'failures while the key is locked neither lengthen the lock nor skip a step': async (trial) => {
    const { store, clock } = trial;
    await parallel(trial, 20, (client) => client.attempts.recordFailure('acme', [ACCOUNT]));
    assert.equal((await store.attempts.check('acme', [ACCOUNT])).retryAfterMs, 2 * MINUTE_MS);
    await clock.advance(MINUTE_MS);
    assert.equal((await store.attempts.recordFailure('acme', [ACCOUNT])).retryAfterMs, MINUTE_MS);
    await clock.advance(MINUTE_MS);
    let verdict = await store.attempts.recordFailure('acme', [ACCOUNT]);
    while (verdict.allowed) verdict = await store.attempts.recordFailure('acme', [ACCOUNT]);
    assert.equal(verdict.retryAfterMs, 10 * MINUTE_MS);
  },

  'a sweep takes what is over and nothing that counts': async ({ store, clock }) => {
    await store.attempts.recordFailure('acme', [{ ...ACCOUNT, value: 'old' }]);
    await clock.advance(MINUTE_MS);
    for (let index = 0; index < 3; index++) await store.attempts.recordFailure('acme', [ACCOUNT]);
    assert.ok(accepted(await store.sweep({ target: 'attempts', limit: 10 })).deleted <= 1);
    assert.equal((await store.attempts.check('acme', [ACCOUNT])).allowed, false);
    await clock.advance(2 * MINUTE_MS);
    accepted(await store.sweep({ target: 'attempts', limit: 10 }));
    let verdict = await store.attempts.recordFailure('acme', [ACCOUNT]);
    while (verdict.allowed) verdict = await store.attempts.recordFailure('acme', [ACCOUNT]);
    assert.equal(verdict.retryAfterMs, 10 * MINUTE_MS, 'the sweep forgot the first lock');
  },

  'bad keys are refused': async ({ store }) => {
    await failsWith('invalid_argument', store.attempts.check('acme', [{ ...ACCOUNT, value: '' }]));
    const policy = { ...POLICY, limit: 0 };
    await failsWith('invalid_argument', store.attempts.recordFailure('acme', [{ ...ACCOUNT, policy }]));
  },
};
