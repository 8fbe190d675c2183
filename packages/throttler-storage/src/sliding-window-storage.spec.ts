import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import type { MemoryStore } from '@mooring/store-memory';
import { SlidingWindowStorage } from './index.ts';

const TTL = 10_000;
const FREE = { isBlocked: false, timeToBlockExpire: 0 };

let clock: ManualClock;
let store: MemoryStore;
let storage: SlidingWindowStorage;
let calls: string[];
beforeEach(() => {
  clock = new ManualClock();
  store = createMemoryStore({ clock });
  calls = [];
  const { limits, attempts } = store;
  storage = new SlidingWindowStorage({ limits: watched(limits), attempts: watched(attempts), tenantId: 'api', clock });
});

function watched<T extends object>(port: T): T {
  return new Proxy(port, {
    get(target, name: string) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return (...args: unknown[]): unknown => {
        calls.push(name);
        return method.apply(target, args);
      };
    },
  });
}

const hit = (limit: number, blockDuration = TTL, key = 'key', throttler = 'default') =>
  storage.increment(key, TTL, limit, blockDuration, throttler);

describe('a window', () => {
  it('counts requests, refuses the one too many, and says when there is room again', async () => {
    expect(await hit(2)).toEqual({ totalHits: 1, timeToExpire: 10, ...FREE });
    await clock.advance(3500);
    expect(await hit(2)).toEqual({ totalHits: 2, timeToExpire: 10, ...FREE });
    await clock.advance(3000);
    expect(await hit(2)).toEqual({ totalHits: 3, timeToExpire: 7, isBlocked: true, timeToBlockExpire: 4 });
    await clock.advance(3499);
    expect(await hit(2)).toMatchObject({ isBlocked: true, timeToBlockExpire: 1 });
    await clock.advance(1);
    expect(await hit(2)).toEqual({ totalHits: 2, timeToExpire: 10, ...FREE });
  });

  it.each([0, 1, TTL])('slides with a blockDuration of %i: refused requests cost nothing', async (blockDuration) => {
    const admitted: number[] = [];
    for (let step = 0; step < 400; step++) {
      const { isBlocked } = await hit(5, blockDuration);
      if (!isBlocked) admitted.push(clock.now());
      await clock.advance(100 + ((step * 37) % 90));
    }
    expect(admitted.length).toBeGreaterThan(20);
    for (const [index, at] of admitted.entries()) {
      expect((admitted[index + 5] ?? Infinity) - at).toBeGreaterThanOrEqual(TTL);
      expect((admitted[index + 5] ?? 0) - at).toBeLessThan(TTL + 190);
    }
  });

  it('of 200 requests at once admits the limit', async () => {
    const records = await Promise.all(Array.from({ length: 200 }, () => hit(30)));
    expect(records.filter(({ isBlocked }) => !isBlocked)).toHaveLength(30);
  });

  it('is one for each throttler, key, limit and ttl, whatever characters are in their names', async () => {
    await hit(1);
    for (const [key, throttler] of [
      ['other', 'default'],
      ['key', 'short'],
      ['', 'defaultkey'],
      ['keydefault', ''],
      ['*?[]{}:\u0000\n'.repeat(100), '\u{1f512}'],
    ] as const) {
      expect(await hit(1, TTL, key, throttler)).toMatchObject({ isBlocked: false });
      expect(await hit(1, TTL, key, throttler)).toMatchObject({ isBlocked: true });
    }
    expect(await hit(2)).toMatchObject({ totalHits: 1 });
    const elsewhere = new SlidingWindowStorage({ limits: store.limits, attempts: store.attempts, tenantId: 'other' });
    expect(await elsewhere.increment('key', TTL, 1, TTL, 'default')).toMatchObject({ isBlocked: false });
  });

  it('with a limit of 0 refuses everything', async () => {
    expect(await hit(0)).toMatchObject({ totalHits: 1, isBlocked: true, timeToBlockExpire: 10 });
    expect(await hit(0, 2 * TTL)).toMatchObject({ totalHits: 1, isBlocked: true, timeToBlockExpire: 20 });
  });
});

describe('a block that is longer than the window', () => {
  const LONG = 60_000;

  it('begins with the first request too many, is not extended by more, and ends with a fresh window', async () => {
    expect(await hit(2, LONG)).toEqual({ totalHits: 1, timeToExpire: 10, ...FREE });
    expect(await hit(2, LONG)).toEqual({ totalHits: 2, timeToExpire: 10, ...FREE });
    await clock.advance(500);
    const blocked = { totalHits: 3, timeToExpire: 60, isBlocked: true, timeToBlockExpire: 60 };
    expect(await hit(2, LONG)).toEqual(blocked);
    for (let second = 1; second < 60; second++) {
      await clock.advance(1000);
      expect(await hit(2, LONG)).toMatchObject({ isBlocked: true, timeToBlockExpire: 60 - second });
    }
    await clock.advance(999);
    expect(await hit(2, LONG)).toMatchObject({ isBlocked: true, timeToBlockExpire: 1 });
    await clock.advance(1);
    expect(await hit(2, LONG)).toEqual({ totalHits: 1, timeToExpire: 10, ...FREE });
  });

  it('does not begin while requests stay within the window', async () => {
    for (let step = 0; step < 50; step++) {
      expect(await hit(2, LONG)).toMatchObject({ isBlocked: false });
      await clock.advance(TTL / 2);
    }
  });

  it('admits the limit of 200 requests at once, and nothing for its time', async () => {
    const records = await Promise.all(Array.from({ length: 200 }, () => hit(30, LONG)));
    expect(records.filter(({ isBlocked }) => !isBlocked)).toHaveLength(30);
    expect(records.every(({ totalHits }) => totalHits <= 31)).toBe(true);
    await clock.advance(LONG - 1);
    expect(await hit(30, LONG)).toMatchObject({ isBlocked: true });
  });

  it('comes again in the same way', async () => {
    for (let round = 0; round < 3; round++) {
      expect(await hit(1, LONG)).toMatchObject({ isBlocked: false });
      expect(await hit(1, LONG)).toMatchObject({ isBlocked: true, timeToBlockExpire: 60 });
      await clock.advance(LONG);
    }
  });
});

describe('the store', () => {
  it('is asked once for a request, whatever the answer', async () => {
    for (let times = 0; times < 3; times++) await hit(1);
    for (let times = 0; times < 3; times++) await hit(1, 2 * TTL);
    expect(calls).toEqual(['consume', 'consume', 'consume', 'recordFailure', 'recordFailure', 'recordFailure']);
  });

  it('keeps nothing of a key that is quiet', async () => {
    for (let index = 0; index < 100; index++) {
      await hit(1, TTL, `key${index}`);
      await hit(0, 2 * TTL, `key${index}`);
    }
    expect(store.usage.entries).toBe(200);
    await clock.advance(2 * TTL + 120_000);
    expect(store.usage.entries).toBe(0);
  });

  it('that fails makes the request fail', async () => {
    await store.close();
    await expect(hit(1)).rejects.toMatchObject({ name: 'StoreError', code: 'closed' });
    await expect(hit(1, 2 * TTL)).rejects.toMatchObject({ name: 'StoreError', code: 'closed' });
  });

  it.each([
    ['a ttl of 0', 0, 1],
    ['a fraction of a request', TTL, 1.5],
    ['a limit without end', TTL, Infinity],
    ['a negative limit', TTL, -1],
  ])('refuses %s', async (_, ttl, limit) => {
    const refusal = { code: 'invalid_argument' };
    await expect(storage.increment('key', ttl, limit, ttl, 'default')).rejects.toMatchObject(refusal);
    await expect(storage.increment('key', ttl, limit, ttl + 1000, 'default')).rejects.toMatchObject(refusal);
  });
});
