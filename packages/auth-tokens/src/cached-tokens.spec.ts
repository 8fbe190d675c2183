import { describe, expect, it } from '@jest/globals';
import { refused } from '@mooring/session-store';
import { auth } from './auth.fixture.ts';
import { CachedTokens } from './cached-tokens.ts';

describe('CachedTokens', () => {
  it('keep no good answer unless told for how long', async () => {
    const { tokens, calls, issue } = auth();
    const cached = new CachedTokens({ tokens });
    const { token } = await issue();
    calls.splice(0);
    for (let used = 0; used < 3; used += 1) expect((await cached.verify(token)).ok).toBe(true);
    expect(calls).toEqual(['touch', 'touch', 'touch']);
  });

  it('keep a good answer for as long as told, counted from when the store was asked', async () => {
    const { tokens, calls, clock, issue } = auth();
    const cached = new CachedTokens({ tokens, maxStalenessMs: 1000, clock });
    const { token, principal } = await issue();
    calls.splice(0);
    expect(await cached.verify(token)).toEqual({ ok: true, value: principal });
    await tokens.revoke(token);
    calls.splice(0);
    await clock.advance(999);
    expect(await cached.verify(token)).toEqual({ ok: true, value: principal });
    expect(calls).toEqual([]);
    await clock.advance(1);
    expect(await cached.verify(token)).toEqual({ ok: false, reason: 'invalid' });
  });

  it('never keep an answer past the deadlines of the token', async () => {
    const lifetime = { idleTimeoutMs: 500, lifetimeMs: 500 };
    const { tokens, clock, issue } = auth({ lifetime, touchIntervalMs: 0 });
    const cached = new CachedTokens({ tokens, maxStalenessMs: 60_000, clock });
    const { token } = await issue();
    expect((await cached.verify(token)).ok).toBe(true);
    await clock.advance(500);
    expect((await cached.verify(token)).ok).toBe(false);
  });

  it('ask once for callers at once, and not again about what is dead', async () => {
    const { tokens, calls, clock, issue } = auth();
    const cached = new CachedTokens({ tokens, maxStalenessMs: 1000, clock });
    const { token } = await issue();
    calls.splice(0);
    await Promise.all(Array.from({ length: 20 }, () => cached.verify(token)));
    expect(calls.splice(0)).toEqual(['touch']);
    await tokens.revoke(token);
    cached.forget();
    calls.splice(0);
    for (let used = 0; used < 5; used += 1) expect((await cached.verify(token)).ok).toBe(false);
    expect(calls).toEqual(['touch']);
  });

  it('do not take an outage, an unknown token or a wrong guess for dead', async () => {
    const answers = [refused('mismatch' as const), refused('not_found' as const)];
    const asked: unknown[] = [];
    const cached = new CachedTokens({
      tokens: {
        examine: async (token) => {
          asked.push(token);
          const answer = answers.shift();
          if (answer === undefined) throw new Error('away');
          return answer;
        },
      },
      maxStalenessMs: 1000,
    });
    expect((await cached.verify('a')).ok).toBe(false);
    expect((await cached.verify('a')).ok).toBe(false);
    await expect(cached.verify('a')).rejects.toThrow('away');
    await expect(cached.verify('a')).rejects.toThrow('away');
    expect(asked).toHaveLength(4);
  });

  it('drop an answer that was under way when its session was forgotten', async () => {
    const { tokens, clock, issue } = auth();
    const { token, principal } = await issue();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    const cached = new CachedTokens({
      tokens: {
        examine: async (presented) => {
          asked += 1;
          const answer = await tokens.examine(presented);
          if (asked === 1) await held;
          return answer;
        },
      },
      maxStalenessMs: 60_000,
      clock,
    });
    const early = cached.verify(token);
    await clock.advance(0);
    await tokens.revoke(token);
    cached.forget(principal.id);
    release();
    expect((await early).ok).toBe(true);
    expect((await cached.verify(token)).ok).toBe(false);
  });

  it('are bounded', async () => {
    const { tokens, calls, issue, clock } = auth();
    const cached = new CachedTokens({ tokens, maxStalenessMs: 1000, maxEntries: 2, clock });
    const issued = [await issue(), await issue(), await issue()];
    for (const { token } of issued) await cached.verify(token);
    calls.splice(0);
    await cached.verify(issued[2]?.token);
    await cached.verify(issued[1]?.token);
    expect(calls).toEqual([]);
    await cached.verify(issued[0]?.token);
    expect(calls).toEqual(['touch']);
  });
});
