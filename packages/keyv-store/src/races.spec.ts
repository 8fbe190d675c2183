import { describe, expect, it } from '@jest/globals';
import { refused } from '@mooring/session-store';
import type { SessionStore } from '@mooring/session-store';
import { ManualClock, checkHistory } from '@mooring/session-store-testkit';
import type { Call, Specification } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { KeyvStore } from './index.ts';

/** What was asked of a key. */
type Asked = { readonly set: string } | 'delete' | 'get';

/** What was read, or whether a deletion found something. */
type Answer = string | boolean | null;

const entry: Specification<string | null, Asked, Answer> = {
  initial: null,
  after(held, asked, answer) {
    if (asked === 'get') return answer === held ? [held] : [];
    if (asked === 'delete') return answer === (held !== null) ? [null] : [];
    return [asked.set];
  },
};

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

async function historyOf(seed: number): Promise<readonly Call<Asked, Answer>[]> {
  const next = random(seed);
  const clock = new ManualClock();
  const { sessions } = createMemoryStore({ clock });
  const history: Call<Asked, Answer>[] = [];
  let now = 0;
  const client = async (name: string): Promise<void> => {
    const entries = new KeyvStore({ sessions: delayed(sessions, next), tenantId: 'cache' });
    const note = async (asked: Asked, call: () => Promise<Answer>): Promise<void> => {
      const begin = now++;
      const answer = await call();
      history.push({ client: name, on: 'key', asked, begin, end: now++, answer });
    };
    for (let step = 0; step < 5; step++) {
      const choice = next(5);
      const value = `${name}${step}`;
      if (choice < 2) await note({ set: value }, () => entries.set('key', value, 100_000));
      else if (choice < 4) await note('delete', () => entries.delete('key'));
      else await note('get', async () => ((await entries.get('key')) as string | undefined) ?? null);
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
      if (checkHistory(entry, history).is !== 'linearizable')
        throw new Error(`seed ${seed}: ${JSON.stringify(history)}`);
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

describe('what is said of a key', () => {
  type Line = readonly [asked: Asked, answer: Answer, begin: number, end: number];

  it.each<[string, readonly Line[], string]>([
    [
      'a lost value',
      [
        [{ set: 'a' }, true, 0, 1],
        ['get', null, 2, 3],
      ],
      'impossible',
    ],
    [
      'a value that came back',
      [
        [{ set: 'a' }, true, 0, 1],
        ['delete', true, 2, 3],
        ['get', 'a', 4, 5],
      ],
      'impossible',
    ],
    [
      'one value deleted twice',
      [
        [{ set: 'a' }, true, 0, 1],
        ['delete', true, 2, 4],
        ['delete', true, 3, 5],
      ],
      'impossible',
    ],
    [
      'an old value',
      [
        [{ set: 'a' }, true, 0, 1],
        [{ set: 'b' }, true, 2, 3],
        ['get', 'a', 4, 5],
      ],
      'impossible',
    ],
    [
      'a deletion at the same time',
      [
        [{ set: 'a' }, true, 0, 3],
        ['delete', false, 1, 2],
        ['get', 'a', 4, 5],
      ],
      'linearizable',
    ],
    [
      'a value read early',
      [
        [{ set: 'a' }, true, 0, 5],
        ['get', 'a', 1, 2],
        ['delete', true, 3, 4],
      ],
      'linearizable',
    ],
  ])('%s', (_, lines, verdict) => {
    const calls = lines.map(([asked, answer, begin, end]) => ({ client: 'a', on: 'key', asked, answer, begin, end }));
    expect(checkHistory(entry, calls).is).toBe(verdict);
  });
});
