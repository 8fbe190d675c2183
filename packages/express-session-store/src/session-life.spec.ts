import { describe, expect, it } from '@jest/globals';
import { HOUR_MS, MINUTE_MS, newSession, storedSessions } from './stored-sessions.fixture.ts';

const SID = 'A'.repeat(32);

describe('a session', () => {
  it('comes back as it was saved, and what the browser holds is nowhere in the store', async () => {
    const { set, get, backend } = storedSessions();
    const fields = { user: { name: 'Ann', roles: ['reader'] }, count: 0, none: null, empty: '', emoji: '🙂' };
    await set(SID, newSession(fields, HOUR_MS));
    expect(await get(SID)).toMatchObject({ ...fields, cookie: { originalMaxAge: HOUR_MS, path: '/', httpOnly: true } });
    const { items } = await backend.sessions.list({ tenantId: 'web' }, { limit: 10 });
    expect(items).toHaveLength(1);
    expect(items[0]?.subjectId).toBeNull();
    expect(JSON.stringify(items)).not.toContain(SID);
  });

  it.each(['', 'x', '../*?[]{}:\u0000\n', '__proto__', 'ü'.repeat(5000)])('may have any id: %j', async (sid) => {
    const { set, get } = storedSessions();
    await set(sid, newSession({ user: 'ann' }));
    expect(await get(sid)).toMatchObject({ user: 'ann' });
    expect(await get(`${sid}x`)).toBeUndefined();
  });

  it('is another one under another tenant', async () => {
    const first = storedSessions();
    const second = storedSessions({ tenantId: 'other' }, { backend: first.backend });
    await first.set(SID, newSession({ user: 'ann' }));
    expect(await second.get(SID)).toBeUndefined();
    await second.destroy(SID);
    expect(await first.get(SID)).toMatchObject({ user: 'ann' });
  });

  it('is what it was when it was saved, whatever becomes of the object', async () => {
    const { set, load, get } = storedSessions();
    const session = newSession({ list: [1] }) as { list: number[] };
    const saved = set(SID, session);
    session.list.push(2);
    await saved;
    const loaded = await load(SID);
    (loaded['list'] as number[]).push(3);
    expect(await get(SID)).toMatchObject({ list: [1] });
  });

  it.each([
    ['its cookie', HOUR_MS, { idleTimeoutMs: MINUTE_MS }, HOUR_MS],
    ['the option where the cookie has no maxAge', null, { idleTimeoutMs: MINUTE_MS }, MINUTE_MS],
    ['thirty minutes where nothing is said', null, {}, 30 * MINUTE_MS],
  ])('ends without use after the time of %s, to the millisecond', async (_, maxAge, options, idleMs) => {
    const { set, get, clock } = storedSessions({ ...options, touchIntervalMs: idleMs * 2 });
    await set(SID, newSession({}, maxAge));
    await clock.advance(idleMs - 1);
    expect(await get(SID)).toBeDefined();
    await clock.advance(1);
    expect(await get(SID)).toBeUndefined();
  });

  it.each([
    ['the option', { lifetimeMs: 2 * HOUR_MS }, 2 * HOUR_MS],
    ['twelve hours', {}, 12 * HOUR_MS],
  ])('ends after %s whatever its use and its cookie', async (_, options, lifetimeMs) => {
    const { set, load, touch, get, clock } = storedSessions(options);
    await set(SID, newSession({}, 30 * 24 * HOUR_MS));
    for (let step = 1; step <= 10; step++) {
      await clock.advance(lifetimeMs / 10 - (step === 10 ? 1 : 0));
      const session = await load(SID);
      await touch(SID, session);
      await set(SID, Object.assign(session, { step }));
    }
    await clock.advance(1);
    expect(await get(SID)).toBeUndefined();
  });

  it('may have a cookie that outlives what any store keeps', async () => {
    const { set, get, clock } = storedSessions();
    await set(SID, newSession({}, 500 * 24 * HOUR_MS));
    await clock.advance(12 * HOUR_MS - 1);
    expect(await get(SID)).toBeDefined();
  });

  it('tells in its cookie when it ends', async () => {
    const { set, load, clock } = storedSessions({ lifetimeMs: 2 * HOUR_MS });
    await set(SID, newSession({}, HOUR_MS));
    const start = clock.now();
    await clock.advance(30 * MINUTE_MS);
    expect((await load(SID)).cookie.expires).toEqual(new Date(start + 90 * MINUTE_MS));
    await clock.advance(50 * MINUTE_MS);
    const { cookie } = await load(SID);
    expect(cookie.expires).toEqual(new Date(start + 120 * MINUTE_MS));
    expect(cookie.originalMaxAge).toBe(HOUR_MS);
  });

  it('has no date in its cookie when the browser decides', async () => {
    const { set, load } = storedSessions();
    await set(SID, newSession({}));
    expect(await load(SID)).toMatchObject({ cookie: { expires: null, originalMaxAge: null } });
  });

  it('ends when its cookie is saved as expired, and is not begun with such a one', async () => {
    const { set, load, get } = storedSessions();
    await set(SID, newSession({}, HOUR_MS));
    const session = await load(SID);
    session.cookie.maxAge = -1;
    await set(SID, session);
    expect(await get(SID)).toBeUndefined();
    await set('other', newSession({}, -1));
    expect(await get('other')).toBeUndefined();
  });

  it('is refused with a reason when it is not JSON that every store can keep', async () => {
    const { set } = storedSessions();
    await expect(set(SID, newSession({ big: 1n }))).rejects.toThrow(TypeError);
    await expect(set(SID, newSession({ text: 'a\u0000' }))).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(set(SID, newSession({ text: 'x'.repeat(300_000) }))).rejects.toMatchObject({ code: 'too_large' });
  });
});

describe('options', () => {
  it.each([
    { idleTimeoutMs: 0 },
    { idleTimeoutMs: 1.5 },
    { lifetimeMs: 34_560_000_001 },
    { lifetimeMs: Number.NaN },
    { touchIntervalMs: -1 },
  ])('are refused where they can not be used: %j', (options) => {
    expect(() => storedSessions(options)).toThrow(
      expect.objectContaining({
        code: 'misconfigured',
        message: expect.stringContaining(Object.keys(options)[0] ?? ''),
      }),
    );
  });
});
