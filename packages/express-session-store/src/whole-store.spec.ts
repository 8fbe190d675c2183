import { describe, expect, it } from '@jest/globals';
import { StoreError, newSessionId } from '@mooring/session-store';
import { newSession, storedSessions } from './stored-sessions.fixture.ts';

const SID = 'sid';
const OTHERS = { tenantId: 'web', subjectId: 'ann', data: { claims: {} }, idleTimeoutMs: 1e6, lifetimeMs: 1e6 };

describe('all sessions', () => {
  it('are listed, counted and cleared over many pages, and only they', async () => {
    const { set, all, length, clear, get, clock, backend } = storedSessions();
    const elsewhere = storedSessions({ tenantId: 'other' }, { backend });
    await elsewhere.set(SID, newSession({}));
    const token = await backend.sessions.create({ ...OTHERS, id: newSessionId(OTHERS) });
    await Promise.all(Array.from({ length: 250 }, (_, index) => set(`sid${index}`, newSession({ index }))));
    await set('short', newSession({}, 1000));
    await clock.advance(1000);
    const numbers = (await all()).map(({ index }) => Number(index));
    expect(numbers.sort((one, other) => one - other)).toEqual(Array.from({ length: 250 }, (_, index) => index));
    expect(await length()).toBe(250);
    await clear();
    expect([await length(), await all(), await get('sid7')]).toEqual([0, [], undefined]);
    expect(await elsewhere.length()).toBe(1);
    expect(token.ok && (await backend.sessions.get(token.value)).ok).toBe(true);
  });
});

describe('callbacks', () => {
  it('are optional', async () => {
    const { store, get } = storedSessions();
    store.set(SID, newSession({ user: 'ann' }) as never);
    store.touch(SID, newSession({}) as never);
    await new Promise((next) => setImmediate(next));
    expect(await get(SID)).toMatchObject({ user: 'ann' });
    store.destroy(SID);
    await new Promise((next) => setImmediate(next));
    expect(await get(SID)).toBeUndefined();
    store.clear();
  });

  it('get the store’s failure, each of them', async () => {
    const stored = storedSessions();
    const { backend, get, set, touch, destroy, all, length, clear } = stored;
    await set(SID, newSession({}));
    const session = Object.assign(await stored.load(SID), { count: 1 });
    await backend.close();
    const failures = [
      get(SID),
      set(SID, session),
      touch('other', newSession({})),
      destroy(SID),
      all(),
      length(),
      clear(),
    ];
    for (const failure of failures) {
      await expect(failure).rejects.toBeInstanceOf(StoreError);
      await expect(failure).rejects.toMatchObject({ code: 'closed' });
    }
  });

  it('where there is none, a failure goes to who listens for errors, and nowhere else', async () => {
    const { store, backend } = storedSessions();
    await backend.close();
    store.destroy(SID);
    await new Promise((next) => setImmediate(next));
    const heard: unknown[] = [];
    store.on('error', (error) => heard.push(error));
    store.destroy(SID);
    await new Promise((next) => setImmediate(next));
    expect(heard).toEqual([expect.objectContaining({ code: 'closed' })]);
  });
});
