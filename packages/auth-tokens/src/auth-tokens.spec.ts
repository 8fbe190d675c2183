import { describe, expect, it } from '@jest/globals';
import { ANN, auth, typesOf } from './auth.fixture.ts';
import { AuthTokens } from './auth-tokens.ts';
import { PLAIN_LIFETIME } from './options.ts';
import { formatToken, newVerifier, parseToken } from './token.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

describe('a token that was issued', () => {
  it('is verified in one round trip and says who holds it', async () => {
    const { tokens, calls, clock, issue } = auth();
    const { token, principal } = await issue();
    expect(principal).toMatchObject({ tenantId: 'acme', subjectId: 'ann', claims: { role: 'analyst' } });
    expect(principal.idleExpiresAt).toBe(clock.now() + 30 * MINUTE_MS);
    expect(principal.absoluteExpiresAt).toBe(clock.now() + 12 * HOUR_MS);
    expect(calls.splice(0)).toEqual(['create']);
    expect(await tokens.verify(token)).toEqual({ ok: true, value: principal });
    expect(calls.splice(0)).toEqual(['touch']);
  });

  it('lives while it is used, and at most for its lifetime', async () => {
    const { tokens, clock, issue, events } = auth();
    const { token } = await issue();
    for (let used = 0; used < 25; used += 1) {
      expect((await tokens.verify(token)).ok).toBe(true);
      await clock.advance(29 * MINUTE_MS - 10);
    }
    expect(await tokens.verify(token)).toEqual({ ok: false, reason: 'invalid' });
    // The store may have swept it already.
    expect(typesOf(events).at(-1)).toMatch(/^token_refused (expired_absolute|not_found)$/);
    const idle = await issue();
    await clock.advance(30 * MINUTE_MS);
    expect(await tokens.verify(idle.token)).toEqual({ ok: false, reason: 'invalid' });
    expect(typesOf(events).at(-1)).toMatch(/^token_refused (expired_idle|not_found)$/);
  });

  it('lives for longer where the login asks to be remembered, and for 24 hours where it is plain', async () => {
    const remembered = auth();
    const { token } = await remembered.issue({ rememberMe: true });
    await remembered.clock.advance(30 * DAY_MS - 1);
    expect((await remembered.tokens.verify(token)).ok).toBe(true);
    await remembered.clock.advance(1);
    expect((await remembered.tokens.verify(token)).ok).toBe(false);
    const plain = auth({ lifetime: PLAIN_LIFETIME });
    const issued = await plain.issue();
    await plain.clock.advance(DAY_MS - 1);
    expect((await plain.tokens.verify(issued.token)).ok).toBe(true);
    await plain.clock.advance(1);
    expect((await plain.tokens.verify(issued.token)).ok).toBe(false);
  });

  it('is refused alike whatever is wrong with it, and junk without asking the store', async () => {
    const { tokens, calls, issue, events } = auth();
    const { token } = await issue();
    calls.splice(0);
    for (const junk of [undefined, '', 'Bearer x', token.slice(1), `${token.slice(0, -1)}~`, 'x'.repeat(100_000)]) {
      expect(await tokens.verify(junk)).toEqual({ ok: false, reason: 'invalid' });
    }
    expect(calls).toEqual([]);
    const parts = parseToken('mrg', token);
    if (parts === undefined) throw new Error('no token');
    const foreign = formatToken('mrg', { ...parts, tenantId: 'globex' });
    const guessed = formatToken('mrg', { ...parts, verifier: newVerifier() });
    expect(await tokens.verify(foreign)).toEqual({ ok: false, reason: 'invalid' });
    expect(await tokens.verify(guessed)).toEqual({ ok: false, reason: 'invalid' });
    expect(typesOf(events).slice(-2)).toEqual(['token_refused not_found', 'token_refused mismatch']);
    expect((await tokens.verify(token)).ok).toBe(true);
  });

  it('ends with its session, for good', async () => {
    const { tokens, issue, events } = auth();
    const { token, principal } = await issue();
    expect(await tokens.revoke(token)).toBe(true);
    expect(await tokens.verify(token)).toEqual({ ok: false, reason: 'invalid' });
    expect(await tokens.rotate(token)).toEqual({ ok: false, reason: 'invalid' });
    expect(await tokens.revoke(token)).toBe(false);
    expect(typesOf(events).slice(0, 2)).toEqual(['token_issued', 'token_revoked']);
    expect(JSON.stringify(events)).not.toContain(principal.id);
  });
});

describe('all sessions of a subject', () => {
  it('are listed without secrets and ended one by one by their owner', async () => {
    const { tokens, clock, issue } = auth();
    const first = await issue({ client: { address: '192.0.2.1', userAgent: 'Firefox\r\nX: 1'.padEnd(999, 'x') } });
    await clock.advance(1);
    const second = await issue({ client: { userAgent: `${'x'.repeat(255)}😀` } });
    await issue({ subjectId: 'bob' });
    const { items } = await tokens.list(ANN, { limit: 10 });
    expect(items.map(({ id }) => id)).toEqual([second.principal.id, first.principal.id]);
    expect(items[1]?.client.address).toBe('192.0.2.1');
    expect(items[1]?.client.userAgent).toMatch(/^Firefox {2}X: 1x{240,}$/);
    expect(items[0]?.client.userAgent).toBe('x'.repeat(255));
    expect(Object.keys(items[0] ?? {})).not.toContain('claims');
    expect(JSON.stringify(items)).not.toMatch(/seed|verifier/);
    expect(await tokens.revokeSession(first.principal, 'bob', 'theft')).toEqual({ ok: false, reason: 'not_found' });
    expect((await tokens.revokeSession(first.principal, 'ann', 'lost phone')).ok).toBe(true);
    expect((await tokens.verify(first.token)).ok).toBe(false);
    expect((await tokens.verify(second.token)).ok).toBe(true);
  });

  it('end at once, but for the one that asks', async () => {
    const { tokens, clock, issue, events } = auth();
    const [first, second, bob] = [await issue(), await issue(), await issue({ subjectId: 'bob' })];
    await clock.advance(1);
    const { tenantId, subjectId } = ANN;
    expect(await tokens.revokeAll({ tenantId, subjectId, exceptId: second.principal.id }, 'password')).toEqual({
      revoked: 1,
    });
    const good = await Promise.all([first, second, bob].map(({ token }) => tokens.verify(token)));
    expect(good.map(({ ok }) => ok)).toEqual([false, true, true]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'tokens_revoked', count: 1, reason: 'password' }));
  });

  it('are at most as many as allowed, whoever logs in at once', async () => {
    const evicting = auth({ maxPerSubject: 3 });
    await Promise.all(Array.from({ length: 10 }, () => evicting.issue()));
    expect((await evicting.tokens.list(ANN, { limit: 100 })).items).toHaveLength(3);
    const rejecting = auth({ maxPerSubject: 3, onLimit: 'reject' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => rejecting.tokens.issue(ANN)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
    expect(typesOf(rejecting.events).filter((type) => type === 'sessions_exceeded')).toHaveLength(7);
  });
});

describe('options', () => {
  it.each([
    [{ prefix: 'a_b' }, 'prefix must be'],
    [{ lifetime: { idleTimeoutMs: 2, lifetimeMs: 1 }, touchIntervalMs: 0 }, 'lifetime.idleTimeoutMs must not be above'],
    [
      { lifetime: { idleTimeoutMs: 1000, lifetimeMs: 5000 } },
      'touchIntervalMs must not be above lifetime.idleTimeoutMs',
    ],
    [{ rememberMe: { idleTimeoutMs: DAY_MS, lifetimeMs: 401 * DAY_MS } }, 'rememberMe.lifetimeMs must be'],
    [{ rotationGraceMs: -1 }, 'rotationGraceMs must be'],
    [{ maxPerSubject: 0 }, 'maxPerSubject must be'],
    [{ onLimit: 'queue' as 'reject' }, 'onLimit must be'],
  ])('%j are refused', (options, message) => {
    const { sessions } = auth().store;
    expect(() => new AuthTokens({ sessions, options })).toThrow(message);
  });
});
