import { describe, expect, it } from '@jest/globals';
import { refused } from '@mooring/session-store';
import { HOUR_MS, MINUTE_MS, newSession, storedSessions } from './stored-sessions.fixture.ts';
import type { Loaded } from './stored-sessions.fixture.ts';

const SID = 'sid';

async function saved(fields: object, maxAge: number | null = null) {
  const stored = storedSessions();
  await stored.set(SID, newSession(fields, maxAge));
  return stored;
}

describe('two requests of one session', () => {
  it('keep each other’s changes', async () => {
    const { load, set, get } = await saved({ cart: [], seen: 0, draft: 'x' });
    const [first, second] = [await load(SID), await load(SID)];
    await set(SID, Object.assign(first, { cart: ['book'], added: 1 }));
    delete second['draft'];
    await set(SID, Object.assign(second, { seen: 1 }));
    const now = await get(SID);
    expect(now).toMatchObject({ cart: ['book'], added: 1, seen: 1 });
    expect(now).not.toHaveProperty('draft');
  });

  it('that change the same field leave what was saved last', async () => {
    const { load, set, get } = await saved({ theme: 'light', size: 1 });
    const [first, second] = [await load(SID), await load(SID)];
    await set(SID, Object.assign(first, { theme: 'dark' }));
    await set(SID, Object.assign(second, { theme: 'blue' }));
    expect(await get(SID)).toMatchObject({ theme: 'blue', size: 1 });
  });

  it('do not undo what the other one saved when they save again', async () => {
    const { load, set, get } = await saved({ a: 0, b: 0 });
    const [first, second] = [await load(SID), await load(SID)];
    await set(SID, Object.assign(first, { a: 1 }));
    await set(SID, Object.assign(second, { b: 1 }));
    await set(SID, Object.assign(second, { b: 2 }));
    await set(SID, Object.assign(first, { c: 3 }));
    expect(await get(SID)).toMatchObject({ a: 1, b: 2, c: 3 });
  });

  it('keep a cookie that the other one changed', async () => {
    const { load, set, get, clock } = await saved({}, MINUTE_MS);
    const [remember, other] = [await load(SID), await load(SID)];
    remember.cookie.maxAge = 10 * HOUR_MS;
    await set(SID, remember);
    await set(SID, Object.assign(other, { seen: 1 }));
    expect(await get(SID)).toMatchObject({ seen: 1, cookie: { originalMaxAge: 10 * HOUR_MS } });
    await clock.advance(9 * HOUR_MS);
    expect(await get(SID)).toBeDefined();
  });

  it('twenty at once, each in a process of its own, lose nothing', async () => {
    const { backend, get } = await saved({ total: 0 });
    const processes = Array.from({ length: 20 }, () => storedSessions({}, { backend }));
    const loaded = await Promise.all(processes.map(({ load }) => load(SID)));
    await Promise.all(
      processes.map(({ set }, index) => set(SID, Object.assign(loaded[index] ?? {}, { [`field${index}`]: index }))),
    );
    const fields = Array.from({ length: 20 }, (_, index) => [`field${index}`, index]);
    expect(await get(SID)).toMatchObject({ total: 0, ...Object.fromEntries(fields) });
  });

  it('of two processes lose nothing either', async () => {
    const first = await saved({});
    const second = storedSessions({}, { backend: first.backend });
    const work = async ({ load, set }: typeof first, name: string): Promise<void> => {
      for (let step = 1; step <= 25; step++) {
        const session = await load(SID);
        await set(SID, Object.assign(session, { [name]: step, [`${name}${step}`]: true }));
      }
    };
    await Promise.all([work(first, 'one'), work(second, 'two')]);
    const now = await first.get(SID);
    expect(now).toMatchObject({ one: 25, two: 25 });
    expect(Object.keys(now ?? {}).filter((name) => /\d$/.test(name))).toHaveLength(50);
  });

  it('get an error when nothing can be saved for changes of others', async () => {
    const backend = (await saved({})).backend;
    const instead = { update: async () => refused('conflict' as const) };
    const { load, set, calls } = storedSessions({}, { backend, instead });
    const session = Object.assign(await load(SID), { count: 1 });
    await expect(set(SID, session)).rejects.toMatchObject({ code: 'conflict', retryable: true });
    expect(calls.filter((name) => name === 'update')).toHaveLength(32);
  });
});

describe('saves of one request', () => {
  it('take effect in the order in which they were asked for', async () => {
    const { load, set, get, backend } = await saved({ count: 0 });
    const slowFirst = {
      update: async (...args: Parameters<typeof backend.sessions.update>) => {
        if (calls.filter((name) => name === 'update').length === 1) await new Promise((next) => setImmediate(next));
        return backend.sessions.update(...args);
      },
    };
    const { calls, ...slow } = storedSessions({}, { backend, instead: slowFirst });
    const session = await slow.load(SID);
    const first = slow.set(SID, Object.assign(session, { count: 1 }));
    await Promise.all([first, slow.set(SID, Object.assign(session, { count: 2 }))]);
    expect(await get(SID)).toMatchObject({ count: 2 });
    await set(SID, Object.assign(await load(SID), { count: 3 }));
    expect(await get(SID)).toMatchObject({ count: 3 });
  });

  it('of a session that is not in the store yet insert it once', async () => {
    const { set, get, calls } = storedSessions();
    const session = newSession({ count: 1 });
    await Promise.all([set(SID, session), set(SID, Object.assign(session, { count: 2 }))]);
    expect(calls).toEqual(['create', 'update']);
    expect(await get(SID)).toMatchObject({ count: 2 });
  });

  it('make another session of one that was read when they have another id', async () => {
    const { load, set, get } = await saved({ user: 'ann' });
    const session = await load(SID);
    await set('another', session);
    await set(SID, Object.assign(session, { count: 1 }));
    expect(await get('another')).toMatchObject({ user: 'ann' });
    expect(await get('another')).not.toHaveProperty('count');
    expect(await get(SID)).toMatchObject({ user: 'ann', count: 1 });
  });

  it('replace the session whole when it was not read from the store', async () => {
    const { set, get } = await saved({ old: 1 });
    await set(SID, newSession({ fresh: 1 }));
    const now = await get(SID);
    expect(now).toMatchObject({ fresh: 1 });
    expect(now).not.toHaveProperty('old');
  });
});

describe('a session that has ended', () => {
  const endings: [string, (stored: Awaited<ReturnType<typeof saved>>) => Promise<unknown>][] = [
    ['was destroyed', ({ destroy }) => destroy(SID)],
    ['was destroyed in another process', ({ backend }) => storedSessions({}, { backend }).destroy(SID)],
    ['was cleared', ({ clear }) => clear()],
    ['expired without use', ({ clock }) => clock.advance(30 * MINUTE_MS)],
    ['expired', ({ clock }) => clock.advance(12 * HOUR_MS)],
  ];

  it.each(endings)('because it %s does not come back with a late save or touch', async (_, end) => {
    const stored = await saved({ user: 'ann' });
    const [late, other]: [Loaded, Loaded] = [await stored.load(SID), await stored.load(SID)];
    await end(stored);
    await stored.set(SID, Object.assign(late, { user: 'mallory' }));
    await stored.touch(SID, other);
    other.cookie.maxAge = HOUR_MS;
    await stored.touch(SID, other);
    expect(await stored.get(SID)).toBeUndefined();
    expect(await stored.length()).toBe(0);
  });

  it('does not come back under its id for a new object either', async () => {
    const { destroy, set, get } = await saved({});
    await destroy(SID);
    await set(SID, newSession({ user: 'mallory' }));
    expect(await get(SID)).toBeUndefined();
  });

  it('because it was destroyed right after it was first saved stays away', async () => {
    const { set, destroy, get, backend } = storedSessions();
    const slow = storedSessions(
      {},
      {
        backend,
        instead: {
          create: async (session) => {
            await new Promise((next) => setImmediate(next));
            return backend.sessions.create(session);
          },
        },
      },
    );
    await Promise.all([slow.set(SID, newSession({})), slow.destroy(SID)]);
    expect(await get(SID)).toBeUndefined();
    await set('other', newSession({}));
    await destroy('other');
    await destroy('other');
    await destroy('unknown');
  });
});
