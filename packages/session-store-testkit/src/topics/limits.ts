import assert from 'node:assert/strict';
import type { LimitRule } from '@mooring/session-store';
import { accepted, countOf, failsWith, parallel } from '../expectations.ts';
import type { Checks } from '../harness.ts';
import { DAY_MS } from '../samples.ts';

const KEY = { tenantId: 'acme', name: 'messages:session:1' };
const RULE: LimitRule = { limit: 5, windowMs: 1000 };

export const limits: Checks = {
  'units are taken until none is left, then refused': async ({ store, second, clock }) => {
    for (let remaining = 4; remaining >= 0; remaining--) {
      const decision = await store.limits.consume(KEY, RULE);
      assert.deepEqual(decision, { allowed: true, limit: 5, remaining, retryAfterMs: 0, resetAt: clock.now() + 1000 });
    }
    const refusal = { allowed: false, limit: 5, remaining: 0, retryAfterMs: 1000, resetAt: clock.now() + 1000 };
    assert.deepEqual(await second.limits.consume(KEY, RULE), refusal);
  },

  'L-01: of 40 calls at once no more than the limit are allowed': async (trial) => {
    const decisions = await parallel(trial, 40, (store) => store.limits.consume(KEY, RULE));
    const allowed = countOf(decisions, (decision) => decision.allowed);
    assert.equal(allowed, 5);
  },

  'L-01: accepted times satisfy t[i + limit] - t[i] >= window': async (trial) => {
    const times: number[] = [];
    const steps = [0, 1, 450, 3, 546, 0, 7, 200, 793, 1, 998, 2, 0, 333, 667, 1, 999, 1, 499, 500];
    for (const step of [...steps, ...steps]) {
      await trial.clock.advance(step);
      const decisions = await parallel(trial, 4, (store) => store.limits.consume(KEY, RULE));
      for (const { allowed } of decisions) if (allowed) times.push(trial.clock.now());
    }
    for (const [index, time] of times.entries()) {
      const later = times[index + RULE.limit];
      if (later !== undefined)
        assert.ok(later - time >= RULE.windowMs, `${RULE.limit + 1} units in ${later - time} ms`);
    }
    assert.ok(times.length > 20);
  },

  'L-02: a caller at exactly the rate is never refused': async ({ store, clock }) => {
    for (let index = 0; index < 30; index++) {
      assert.ok((await store.limits.consume(KEY, RULE)).allowed, `call ${index} was refused`);
      await clock.advance(200);
    }
  },

  'L-03: the retry at the time that was said succeeds, a millisecond before it fails': async ({ store, clock }) => {
    for (const step of [0, 100, 200, 50, 25]) {
      await clock.advance(step);
      await store.limits.consume(KEY, RULE);
    }
    const { allowed, retryAfterMs } = await store.limits.consume(KEY, RULE, { cost: 2 });
    assert.equal(allowed, false);
    await clock.advance(retryAfterMs - 1);
    assert.equal((await store.limits.consume(KEY, RULE, { cost: 2 })).allowed, false);
    await clock.advance(1);
    assert.equal((await store.limits.consume(KEY, RULE, { cost: 2 })).allowed, true);
  },

  'L-04: what is out of its window is swept, and what is in it is not': async ({ store, clock }) => {
    await store.limits.consume({ ...KEY, name: 'old' }, RULE);
    await clock.advance(999);
    for (let index = 0; index < 5; index++) await store.limits.consume(KEY, RULE);
    await clock.advance(1);
    assert.ok(accepted(await store.sweep({ target: 'limits', limit: 10 })).deleted <= 1);
    assert.equal((await store.limits.peek(KEY, RULE)).allowed, false);
    await clock.advance(999);
    accepted(await store.sweep({ target: 'limits', limit: 10 }));
    assert.equal((await store.limits.peek(KEY, RULE)).remaining, 5);
  },

  'L-05: a window of 30 days holds for 30 days, to the millisecond': async ({ store, clock }) => {
    const rule = { limit: 1, windowMs: 30 * DAY_MS };
    assert.ok((await store.limits.consume(KEY, rule)).allowed);
    await clock.advance(30 * DAY_MS - 1);
    assert.equal((await store.limits.consume(KEY, rule)).allowed, false);
    await clock.advance(1);
    assert.ok((await store.limits.consume(KEY, rule)).allowed);
  },

  'L-05: a window of 1 ms is one millisecond': async ({ store, clock }) => {
    const rule = { limit: 1, windowMs: 1 };
    for (let index = 0; index < 3; index++) {
      assert.ok((await store.limits.consume(KEY, rule)).allowed);
      assert.equal((await store.limits.consume(KEY, rule)).allowed, false);
      await clock.advance(1);
    }
  },

  'L-06: a retry with the same id counts once and gets the first answer': async ({ store, second, clock }) => {
    const first = await store.limits.consume(KEY, RULE, { id: 'request-1', cost: 2 });
    await clock.advance(500);
    await store.limits.consume(KEY, RULE);
    assert.deepEqual(await second.limits.consume(KEY, RULE, { id: 'request-1', cost: 2 }), first);
    assert.equal((await store.limits.peek(KEY, RULE)).remaining, 2);
    await clock.advance(500);
    assert.equal((await store.limits.consume(KEY, RULE, { id: 'request-1' })).remaining, 3);
  },

  'a refusal takes nothing': async ({ store, clock }) => {
    await store.limits.consume(KEY, RULE, { cost: 3 });
    assert.deepEqual((await store.limits.consume(KEY, RULE, { cost: 3 })).allowed, false);
    assert.ok((await store.limits.consume(KEY, RULE, { cost: 2 })).allowed);
    await clock.advance(1000);
    assert.ok((await store.limits.consume(KEY, RULE, { cost: 5 })).allowed);
  },

  'peeking takes nothing and agrees with what follows': async ({ store }) => {
    for (let index = 0; index < 8; index++) {
      const peeked = await store.limits.peek(KEY, RULE);
      assert.deepEqual(await store.limits.peek(KEY, RULE), peeked);
      const { allowed, retryAfterMs } = await store.limits.consume(KEY, RULE);
      assert.deepEqual([peeked.allowed, peeked.retryAfterMs], [allowed, retryAfterMs]);
    }
  },

  'a limit of 0 refuses everything, and a reset does not change that': async ({ store }) => {
    const rule = { limit: 0, windowMs: 1000 };
    assert.equal((await store.limits.consume(KEY, rule)).allowed, false);
    await store.limits.reset(KEY, rule);
    assert.equal((await store.limits.peek(KEY, rule)).allowed, false);
  },

  'other rules, names and tenants are counted apart, and reset apart': async ({ store }) => {
    const one = { limit: 1, windowMs: 1000 };
    const others = [
      [KEY, { limit: 2, windowMs: 1000 }],
      [KEY, { limit: 1, windowMs: 2000 }],
      [{ ...KEY, name: 'other' }, one],
      [{ ...KEY, tenantId: 'globex' }, one],
    ] as const;
    assert.ok((await store.limits.consume(KEY, one)).allowed);
    for (const [key, rule] of others) {
      assert.equal((await store.limits.peek(key, rule)).remaining, rule.limit);
      await store.limits.consume(key, rule);
    }
    await store.limits.reset(KEY, one);
    assert.equal((await store.limits.peek(KEY, one)).remaining, 1);
    for (const [key, rule] of others) assert.equal((await store.limits.peek(key, rule)).remaining, rule.limit - 1);
  },

  'bad rules and costs are refused': async ({ store }) => {
    await failsWith('invalid_argument', store.limits.consume(KEY, { limit: -1, windowMs: 1000 }));
    await failsWith('invalid_argument', store.limits.consume(KEY, { limit: 1, windowMs: 0 }));
    await failsWith('invalid_argument', store.limits.consume(KEY, RULE, { cost: 6 }));
    await failsWith('invalid_argument', store.limits.consume(KEY, RULE, { cost: 0 }));
  },
};
