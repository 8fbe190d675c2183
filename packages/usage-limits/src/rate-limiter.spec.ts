import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import { MESSAGE_POLICIES, RateLimiter } from './rate-limiter.ts';
import type { RatePolicy } from './rate-limiter.ts';

const ANN = { tenantId: 'acme', session: 'one', user: 'ann', ip: '192.0.2.1' };

function setUp(policies: readonly RatePolicy[] = MESSAGE_POLICIES) {
  const clock = new ManualClock();
  const { limits } = createMemoryStore({ namespace: 'limits', clock });
  return { clock, limiter: new RateLimiter(limits, policies) };
}

const admitted = (answers: readonly { readonly allowed: boolean }[]): number =>
  answers.filter(({ allowed }) => allowed).length;

describe('RateLimiter', () => {
  it('admits exactly the limit of 200 at once, and not one more within the window', async () => {
    const { clock, limiter } = setUp();
    expect(admitted(await Promise.all(Array.from({ length: 200 }, () => limiter.take(ANN))))).toBe(30);
    await clock.advance(59_999);
    expect(await limiter.take(ANN)).toMatchObject({ allowed: false, retryAfterMs: 1 });
    await clock.advance(1);
    expect(await limiter.take(ANN)).toMatchObject({ allowed: true, retryAfterMs: 0 });
  });

  it('gives a new session of the user no new allowance', async () => {
    const { limiter } = setUp();
    let count = 0;
    for (let session = 0; session < 10; session += 1) {
      const take = () => limiter.take({ ...ANN, session: `session-${session}` });
      count += admitted(await Promise.all(Array.from({ length: 20 }, take)));
    }
    expect(count).toBe(60);
    expect((await limiter.take({ ...ANN, user: 'bob', session: 'bob' })).allowed).toBe(true);
    expect((await limiter.take({ ...ANN, tenantId: 'globex' })).allowed).toBe(true);
  });

  it('charges nothing wider for what is refused as too much of something narrower', async () => {
    const { limiter } = setUp([
      { name: 'queries', scope: 'tenant', limit: 10, windowMs: 60_000 },
      { name: 'queries', scope: 'session', limit: 2, windowMs: 60_000 },
    ]);
    for (let query = 0; query < 50; query += 1) await limiter.take(ANN);
    const { decisions } = await limiter.peek({ ...ANN, session: 'two' });
    expect(decisions.map(({ policy, remaining }) => [policy.scope, remaining])).toEqual([
      ['session', 2],
      ['tenant', 8],
    ]);
  });

  it('counts a retry once, and several units as several', async () => {
    const { limiter } = setUp();
    for (let retry = 0; retry < 5; retry += 1) await limiter.take(ANN, { id: 'message-1', cost: 3 });
    expect((await limiter.peek(ANN)).decisions[0]?.remaining).toBe(27);
  });

  it('says in headers how much is left and when to come back', async () => {
    const { clock, limiter } = setUp();
    const first = await limiter.take(ANN);
    expect(rateLimitHeaders(first, clock.now())).toEqual({
      'RateLimit-Policy': '"messages-session";q=30;w=60, "messages-user";q=60;w=60',
      RateLimit: '"messages-session";r=29;t=60, "messages-user";r=59;t=60',
      'RateLimit-Limit': '30',
      'RateLimit-Remaining': '29',
      'RateLimit-Reset': '60',
    });
    await clock.advance(500);
    for (let message = 0; message < 29; message += 1) await limiter.take(ANN);
    await clock.advance(58_700);
    expect(rateLimitHeaders(await limiter.take(ANN), clock.now())).toMatchObject({
      'RateLimit-Remaining': '0',
      'Retry-After': '1',
    });
  });

  it.each([
    [[], 'there must be a policy'],
    [[{ name: 'Messages', scope: 'user', limit: 1, windowMs: 1 }], 'the name of a policy'],
    [[{ name: 'a', scope: 'world', limit: 1, windowMs: 1 }], 'scope must be one of'],
    [[{ name: 'a', scope: 'user', limit: -1, windowMs: 1 }], 'a.limit must be'],
    [[{ name: 'a', scope: 'user', limit: 1, windowMs: 0 }], 'a.windowMs must be'],
    [
      [
        { name: 'a', scope: 'user', limit: 1, windowMs: 1 },
        { name: 'a', scope: 'user', limit: 2, windowMs: 1 },
      ],
      'is there twice',
    ],
  ])('refuses %j', (policies, message) => {
    expect(() => setUp(policies as RatePolicy[])).toThrow(message);
  });

  it('refuses a caller that does not say whom to count', async () => {
    const { limiter } = setUp();
    await expect(limiter.take({ tenantId: 'acme', session: 'one' })).rejects.toThrow('counts by user');
  });
});
