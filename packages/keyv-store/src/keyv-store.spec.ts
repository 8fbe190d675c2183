import { beforeEach, describe, expect, it } from '@jest/globals';
import { newSessionId } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import type { MemoryStore } from '@mooring/store-memory';
import Keyv from 'keyv';
import { KeyvStore } from './index.ts';

const DAY_MS = 86_400_000;

let clock: ManualClock;
let store: MemoryStore;
let entries: KeyvStore;
beforeEach(() => {
  clock = new ManualClock();
  store = createMemoryStore({ clock });
  entries = open();
});

function open(namespace?: string, tenantId = 'cache'): KeyvStore {
  const opened = new KeyvStore({ sessions: store.sessions, tenantId });
  opened.namespace = namespace;
  return opened;
}

const records = async () => (await store.sessions.list({ tenantId: 'cache' }, { limit: 1000 })).items;

describe('an entry', () => {
  it('is what was set last', async () => {
    for (const value of ['one', 'two', '']) {
      expect(await entries.set('key', value)).toBe(true);
      expect(await entries.get('key')).toBe(value);
    }
    expect(await records()).toHaveLength(1);
  });

  it('can be set again after it was deleted, at once', async () => {
    for (let round = 0; round < 5; round++) {
      expect(await entries.delete('key')).toBe(false);
      await entries.set('key', `round ${round}`);
      expect(await entries.get('key')).toBe(`round ${round}`);
      expect([await entries.delete('key'), await entries.get('key'), await entries.has('key')]).toEqual([
        true,
        undefined,
        false,
      ]);
      await clock.advance(round);
    }
  });

  it('that was deleted leaves nothing behind', async () => {
    for (let index = 0; index < 100; index++) {
      await entries.set(`key${index}`, 'value');
      await entries.delete(`key${index}`);
    }
    await clock.advance(120_000);
    expect(store.usage.entries).toBe(0);
  });

  it.each([1, 1.2, 1500, 30 * DAY_MS, 399 * DAY_MS])('ends after a ttl of %d, to the millisecond', async (ttl) => {
    await entries.set('key', 'value', ttl);
    await clock.advance(Math.ceil(ttl) - 1);
    expect(await entries.get('key')).toBe('value');
    await clock.advance(1);
    expect([await entries.get('key'), await entries.has('key'), await entries.delete('key')]).toEqual([
      undefined,
      false,
      false,
    ]);
    await entries.set('key', 'again');
    expect(await entries.get('key')).toBe('again');
  });

  it('takes its ttl from when it was set last, and reading does not prolong it', async () => {
    await entries.set('key', 'value', 1000);
    await clock.advance(900);
    await entries.set('key', 'value', 500);
    await clock.advance(499);
    expect(await entries.get('key')).toBe('value');
    await clock.advance(1);
    expect(await entries.get('key')).toBeUndefined();
    await entries.set('key', 'value', 10);
    await entries.set('key', 'value');
    await clock.advance(DAY_MS);
    expect(await entries.get('key')).toBe('value');
  });

  it.each([undefined, Infinity, 500 * DAY_MS])('lives for 400 days with a ttl of %s', async (ttl) => {
    await entries.set('key', 'value', ttl);
    await clock.advance(400 * DAY_MS - 1);
    expect(await entries.get('key')).toBe('value');
    await clock.advance(1);
    expect(await entries.get('key')).toBeUndefined();
  });

  it.each([0, -1, -DAY_MS])('is deleted by a ttl of %d', async (ttl) => {
    await entries.set('key', 'value');
    await entries.set('key', 'other', ttl);
    expect(await entries.get('key')).toBeUndefined();
  });

  it.each([
    '',
    '__proto__',
    'a:b',
    '*?[]{}\\',
    'ключ 🔑',
    'a\u0000b',
    '\\u0000',
    '\ud800',
    '\n'.repeat(300),
    'k'.repeat(10_000),
  ])('may have any text as its key and its value: %j', async (text) => {
    await entries.set(text, text);
    await entries.set(`${text}x`, 'other');
    expect(await entries.get(text)).toBe(text);
    expect(await entries.getMany([text])).toEqual([text]);
    const all = [];
    for await (const entry of entries.iterator()) all.push(entry);
    expect(all).toContainEqual([text, text]);
    expect(await entries.delete(text)).toBe(true);
    expect(await entries.get(`${text}x`)).toBe('other');
  });

  it.each([1, null, { a: 1 }, Buffer.from('x'), undefined])(
    'is refused when its value is no text: %j',
    async (value) => {
      await expect(entries.set('key', value as never)).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(await entries.has('key')).toBe(false);
    },
  );

  it('is refused when it is too large, and what was there stays', async () => {
    await entries.set('key', 'value');
    await expect(entries.set('key', 'x'.repeat(300_000))).rejects.toMatchObject({ code: 'too_large' });
    expect(await entries.get('key')).toBe('value');
  });
});

describe('many entries', () => {
  it('are set, read and deleted in their order, a bounded number at once', async () => {
    let [running, most] = [0, 0];
    const sessions = new Proxy(store.sessions, {
      get:
        (target, name: 'get') =>
        async (...args: [never]) => {
          most = Math.max(most, ++running);
          await new Promise((next) => setImmediate(next));
          running -= 1;
          return target[name](...args);
        },
    });
    const many = new KeyvStore({ sessions, tenantId: 'cache' });
    const keys = Array.from({ length: 200 }, (_, index) => `key${index}`);
    await many.setMany(keys.map((key, index) => ({ key, value: String(index), ...(index === 7 ? { ttl: 10 } : {}) })));
    expect(await many.getMany([...keys, 'none'])).toEqual([...keys.map((_, index) => String(index)), undefined]);
    await clock.advance(10);
    expect(await many.hasMany(['key6', 'key7', 'none'])).toEqual([true, false, false]);
    expect([await many.deleteMany(['key1', 'key2']), await many.deleteMany(['key3', 'none'])]).toEqual([true, false]);
    expect(await many.getMany(['key1', 'key2', 'key3', 'key4'])).toEqual([undefined, undefined, undefined, '4']);
    expect([most, await many.getMany([])]).toEqual([16, []]);
  });

  it('fail as one, and nothing new is begun', async () => {
    let calls = 0;
    const sessions = new Proxy(store.sessions, {
      get:
        (target, name: 'get') =>
        async (...args: [never]) => {
          calls += 1;
          if (calls === 3) throw new Error('down');
          await new Promise((next) => setImmediate(next));
          return target[name](...args);
        },
    });
    const many = new KeyvStore({ sessions, tenantId: 'cache' });
    await expect(many.getMany(Array.from({ length: 200 }, String))).rejects.toThrow('down');
    expect(calls).toBe(16);
  });
});

describe('a namespace', () => {
  it('has its own entries, also where its name runs into the key', async () => {
    const spaces = [open(), open('a'), open('a:b'), open('*'), open('a', 'other tenant')];
    await Promise.all(spaces.map((space, index) => space.set('b:c', String(index))));
    expect(await Promise.all(spaces.map((space) => space.get('b:c')))).toEqual(['0', '1', '2', '3', '4']);
    await spaces[1]?.clear();
    expect(await Promise.all(spaces.map((space) => space.get('b:c')))).toEqual(['0', undefined, '2', '3', '4']);
    await spaces[0]?.clear();
    expect(await Promise.all(spaces.map((space) => space.get('b:c')))).toEqual([undefined, undefined, '2', '3', '4']);
  });

  it.each([
    ['a', 'b:c', 'a:b', 'c'],
    [undefined, 'key', 'undefined', 'key'],
    [undefined, 'key', 'null', 'key'],
    [undefined, 'key', '', 'key'],
  ])('%j with the key %j is not %j with the key %j', async (namespace, key, other, otherKey) => {
    await open(namespace).set(key, 'value');
    expect(await open(other).get(otherKey)).toBeUndefined();
    await open(other).set(otherKey, 'other');
    await open(other).clear();
    expect(await open(namespace).get(key)).toBe('value');
  });

  it('is cleared and iterated over many pages, and sessions of the tenant are not touched', async () => {
    const owner = { tenantId: 'cache', subjectId: null };
    const session = { ...owner, id: newSessionId(owner), data: { user: 'ann' }, idleTimeoutMs: 1e6, lifetimeMs: 1e6 };
    await store.sessions.create(session);
    await entries.setMany(Array.from({ length: 250 }, (_, index) => ({ key: `key${index}`, value: String(index) })));
    const seen = new Map<unknown, unknown>();
    for await (const [key, value] of entries.iterator()) seen.set(key, value);
    expect([seen.size, seen.get('key249')]).toEqual([250, '249']);
    await entries.clear();
    await clock.advance(1);
    expect(await records()).toEqual([expect.objectContaining({ id: session.id })]);
    expect(await entries.get('key7')).toBeUndefined();
  });
});

describe('Keyv', () => {
  it('keeps every kind of value, with its default ttl, by namespace', async () => {
    const users = new Keyv({ store: open(), namespace: 'users', ttl: 1000, throwOnErrors: true });
    const pages = new Keyv({ store: open(), namespace: 'pages', useKeyPrefix: false });
    const value = { name: 'Ann', nul: 'a\u0000b', list: [1, null, { deep: true }], buffer: Buffer.from('x') };
    await users.set('ann', value);
    await pages.set('ann', 'a page');
    expect([await users.get('ann'), await pages.get('ann')]).toEqual([value, 'a page']);
    await users.clear();
    expect([await users.get('ann'), await pages.get('ann')]).toEqual([undefined, 'a page']);
  });

  it('hears of every failure', async () => {
    const keyv = new Keyv({ store: open() });
    const heard: unknown[] = [];
    keyv.on('error', (error) => heard.push(error));
    await store.close();
    expect([await keyv.get('key'), await keyv.set('key', 1), await keyv.delete('key')]).toEqual([
      undefined,
      false,
      false,
    ]);
    expect(heard).toEqual(Array.from({ length: 3 }, () => expect.objectContaining({ code: 'closed' })));
    await expect(new Keyv({ store: open(), throwOnErrors: true }).get('key')).rejects.toMatchObject({ code: 'closed' });
  });

  it('disconnects without closing the store of others', async () => {
    const keyv = new Keyv({ store: open() });
    await keyv.disconnect();
    expect(await keyv.set('key', 'value')).toBe(true);
  });
});
