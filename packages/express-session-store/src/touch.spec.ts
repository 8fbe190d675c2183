import { describe, expect, it } from '@jest/globals';
import { HOUR_MS, MINUTE_MS, newSession, storedSessions } from './stored-sessions.fixture.ts';

const SID = 'sid';
const DAY_MS = 24 * HOUR_MS;

describe('using a session', () => {
  it('costs one call of the store when nothing changed', async () => {
    const { set, load, touch, calls } = storedSessions();
    await set(SID, newSession({}, HOUR_MS));
    calls.length = 0;
    await touch(SID, await load(SID));
    expect(calls).toEqual(['touch']);
  });

  it('writes at most once an interval', async () => {
    const { set, load, touch, backend, clock } = storedSessions({ touchIntervalMs: 10_000 });
    await set(SID, newSession({}, HOUR_MS));
    const seen = new Set<number>();
    for (let second = 0; second < 60; second++) {
      await touch(SID, await load(SID));
      const { items } = await backend.sessions.list({ tenantId: 'web' }, { limit: 1 });
      seen.add(items[0]?.lastSeenAt ?? 0);
      await clock.advance(1000);
    }
    expect(seen.size).toBe(6);
  });

  it('keeps alive one that lives for less than the interval', async () => {
    const { set, load, touch, get, clock } = storedSessions({ touchIntervalMs: HOUR_MS });
    await set(SID, newSession({}, MINUTE_MS));
    for (let step = 0; step < 20; step++) {
      await clock.advance(50_000);
      await touch(SID, await load(SID));
    }
    await clock.advance(MINUTE_MS);
    expect(await get(SID)).toBeUndefined();
  });

  it('counts again at the end of a long request', async () => {
    const { set, load, touch, get, clock } = storedSessions();
    await set(SID, newSession({}, HOUR_MS));
    const session = await load(SID);
    await clock.advance(50 * MINUTE_MS);
    await touch(SID, session);
    await clock.advance(59 * MINUTE_MS);
    expect(await get(SID)).toBeDefined();
  });

  it('saves a cookie that was changed, and nothing else that was', async () => {
    const { set, load, touch, get, clock } = storedSessions({ lifetimeMs: 30 * DAY_MS });
    await set(SID, newSession({ user: 'ann' }, HOUR_MS));
    const session = await load(SID);
    session.cookie.maxAge = 7 * DAY_MS;
    await touch(SID, session);
    await clock.advance(6 * DAY_MS);
    expect(await get(SID)).toMatchObject({ user: 'ann', cookie: { originalMaxAge: 7 * DAY_MS } });
  });

  it('is all that saving does when nothing changed', async () => {
    const { set, load, calls, clock } = storedSessions();
    await set(SID, newSession({ user: { name: 'ann' } }, HOUR_MS));
    const session = await load(SID);
    session.cookie.maxAge = HOUR_MS;
    calls.length = 0;
    await set(SID, session);
    expect(calls).toEqual([]);
    await clock.advance(MINUTE_MS);
    await set(SID, session);
    expect(calls).toEqual(['touch']);
    (session['user'] as { name: string }).name = 'bob';
    await set(SID, session);
    expect(calls).toEqual(['touch', 'update']);
  });

  it('does not take the milliseconds that express-session loses for a change', async () => {
    const { set, load, touch, calls } = storedSessions();
    await set(SID, newSession({}, HOUR_MS));
    const session = await load(SID);
    session.cookie.maxAge = HOUR_MS - 3;
    calls.length = 0;
    await touch(SID, session);
    expect(calls).toEqual([]);
  });

  it('is no creation', async () => {
    const { touch, get, backend } = storedSessions();
    await touch(SID, newSession({ user: 'ann' }, HOUR_MS));
    expect(await get(SID)).toBeUndefined();
    expect((await backend.sessions.list({ tenantId: 'web' }, { limit: 1 })).items).toEqual([]);
  });
});
