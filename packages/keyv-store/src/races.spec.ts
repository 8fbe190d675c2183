import { describe, expect, it } from '@jest/globals';
import { refused } from '@mooring/session-store';
import type { SessionStore } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { KeyvStore } from './index.ts';
import { isLinearizable } from './linearizable.fixture.ts';
import type { Observed } from './linearizable.fixture.ts';

/** The same numbers for the same seed (Lehmer's generator). */
function random(seed: number): (below: number) => number {
  let state = seed * 7919 + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Each call takes effect at some moment, and its answer arrives at some later one. */
function delayed(sessions: SessionStore, next: (below: number) => number): SessionStore {
  const wait = async (): Promise<void> => {
    for (let turns = next(6); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  };
  return new Proxy(sessions, {
    get:
      (target, name: 'get') =>
      async (...args: [never]) => {
        await wait();
        const answer = await target[name](...args);
        await wait();
        return answer;
      },
  });
}

async function historyOf(seed: number): Promise<readonly Observed[]> {
  const next = random(seed);
  const clock = new ManualClock();
  const { sessions } = createMemoryStore({ clock });
  const history: Observed[] = [];
  let now = 0;
  const client = async (name: string): Promise<void> => {
    const entries = new KeyvStore({ sessions: delayed(sessions, next), tenantId: 'cache' });
    for (let step = 0; step < 5; step++) {
      const begin = now++;
      const choice = next(5);
      const value = `${name}${step}`;
      if (choice < 2) {
        await entries.set('key', value, 100_000);
        history.push({ kind: 'set', value, begin, end: now++ });
      } else if (choice < 4) {
        history.push({ kind: 'delete', existed: await entries.delete('key'), begin, end: now++ });
      } else {
        history.push({ kind: 'get', value: (await entries.get('key')) as string | undefined, begin, end: now++ });
      }
      if (next(3) === 0) await clock.advance(1);
    }
  };
  await Promise.all(['a', 'b', 'c', 'd'].map(client));
  return history;
}

describe('one key in several processes', () => {
  it('behaves as if each operation had come alone, in an order that all saw', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const history = await historyOf(seed);
      if (!isLinearizable(history)) throw new Error(`seed ${seed}: ${JSON.stringify(history)}`);
    }
  });

  it('set by thirty at once holds one of their values, and no call fails', async () => {
    const { sessions } = createMemoryStore();
    const next = random(1);
    const names = Array.from({ length: 30 }, (_, index) => `value ${index}`);
    const clients = names.map(() => new KeyvStore({ sessions: delayed(sessions, next), tenantId: 'cache' }));
    await Promise.all(clients.map((client, index) => client.set('key', names[index] ?? '')));
    expect(names).toContain(await clients[0]?.get('key'));
  });

  it('says so when it can not be changed for changes of others', async () => {
    const { sessions } = createMemoryStore();
    const entries = new KeyvStore({ sessions, tenantId: 'cache' });
    await entries.set('key', 'value');
    let updates = 0;
    const contended = new Proxy(sessions, {
      get:
        (target, name: 'get') =>
        async (...args: [never]) => {
          if ((name as string) !== 'update') return target[name](...args);
          updates += 1;
          return refused('conflict');
        },
    });
    const late = new KeyvStore({ sessions: contended, tenantId: 'cache' });
    for (const change of [() => late.set('key', 'other'), () => late.delete('key'), () => late.clear()]) {
      updates = 0;
      await expect(change()).rejects.toMatchObject({ code: 'conflict', retryable: true });
      expect(updates).toBe(32);
    }
    expect(await entries.get('key')).toBe('value');
  });
});

describe('the check for linearizability', () => {
  const set = (value: string, begin: number, end: number): Observed => ({ kind: 'set', value, begin, end });
  const get = (value: string | undefined, begin: number, end: number): Observed => ({ kind: 'get', value, begin, end });
  const remove = (existed: boolean, begin: number, end: number): Observed => ({ kind: 'delete', existed, begin, end });

  it.each([
    ['a lost value', [set('a', 0, 1), get(undefined, 2, 3)], false],
    ['a value that came back', [set('a', 0, 1), remove(true, 2, 3), get('a', 4, 5)], false],
    ['one value deleted twice', [set('a', 0, 1), remove(true, 2, 4), remove(true, 3, 5)], false],
    ['an old value', [set('a', 0, 1), set('b', 2, 3), get('a', 4, 5)], false],
    [
      'a value read in two orders',
      [set('a', 0, 9), set('b', 1, 8), get('a', 2, 3), get('b', 4, 5), get('a', 6, 7)],
      false,
    ],
    ['a deletion at the same time', [set('a', 0, 3), remove(false, 1, 2), get('a', 4, 5)], true],
    ['a value read early', [set('a', 0, 5), get('a', 1, 2), remove(true, 3, 4)], true],
  ])('tells %s', (_, history, explained) => {
    expect(isLinearizable(history)).toBe(explained);
  });
});
