import { describe, expect, it } from '@jest/globals';
import type { CatalogKey } from '@mooring/engine';
import type { Clock } from '@mooring/session-store';
import type { CatalogRow } from '../catalog-tables.ts';
import { FoundTogether } from './found-together.ts';
import type { FindRows } from './found-together.ts';

const keyOf = (name: string): CatalogKey => ({ tenantId: 'acme', kind: 'table', key: name });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const rowOf = ({ key }: CatalogKey): CatalogRow => ({ id: key, key, version: 1, record: '{}' });

/** Looks that have no answer until they are given one. */
function pendingCalls() {
  const open: (() => void)[] = [];
  const asked: string[][] = [];
  const find: FindRows = (keys) => {
    asked.push(keys.map(({ key }) => key));
    return new Promise((resolve) => open.push(() => resolve(new Map(keys.map((key) => [key, rowOf(key)])))));
  };
  return { asked, find, answer: (at = 0) => open.splice(at, 1)[0]?.() };
}

/** Runs what was put off when it is told to. */
class HeldClock implements Clock {
  readonly waits: number[] = [];
  private callbacks: (() => void)[] = [];

  now(): number {
    return 0;
  }

  after(delayMs: number, callback: () => void): () => void {
    this.waits.push(delayMs);
    this.callbacks.push(callback);
    return () => (this.callbacks = this.callbacks.filter((one) => one !== callback));
  }

  run(): void {
    for (const callback of this.callbacks.splice(0)) callback();
  }
}

describe('FoundTogether', () => {
  it('asks once for what was asked in one turn, and again for what came later', async () => {
    const sizes: number[] = [];
    const together = new FoundTogether(async (keys) => {
      sizes.push(keys.length);
      return new Map(keys.map((key) => [key, rowOf(key)]));
    });
    const keys = Array.from({ length: 250 }, (_, index) => keyOf(`t${index}`));
    const rows = await Promise.all(keys.map((key) => together.row(key)));
    expect(rows.map((row) => row?.key)).toEqual(keys.map(({ key }) => key));
    await together.row(keyOf('later'));
    expect(sizes).toEqual([100, 100, 50, 1]);
  });

  it('asks next for all that was asked while an answer was on its way, and once for what several ask', async () => {
    const calls = pendingCalls();
    const together = new FoundTogether(calls.find);
    const first = together.row(keyOf('a'));
    await turn();
    const others = ['b', 'a', 'b', 'c'].map((name) => together.row(keyOf(name)));
    await turn();
    expect(calls.asked).toEqual([['a']]);
    calls.answer();
    expect((await first)?.key).toBe('a');
    // The row of the second 'a' is looked for after it was asked, and not taken from the answer before.
    expect(calls.asked).toEqual([['a'], ['b', 'a', 'c']]);
    calls.answer();
    expect((await Promise.all(others)).map((row) => row?.key)).toEqual(['b', 'a', 'b', 'c']);
  });

  it('asks beside an answer that is late', async () => {
    const clock = new HeldClock();
    const calls = pendingCalls();
    const together = new FoundTogether(calls.find, clock);
    const late = together.row(keyOf('late'));
    await turn();
    const next = [together.row(keyOf('b')), together.row(keyOf('c'))];
    expect(clock.waits).toEqual([10]);
    clock.run();
    expect(calls.asked).toEqual([['late'], ['b', 'c']]);
    calls.answer(1);
    expect((await Promise.all(next)).map((row) => row?.key)).toEqual(['b', 'c']);
    calls.answer();
    expect((await late)?.key).toBe('late');
  });

  it('asks at once for what waits, when it is told that nobody will ask later', async () => {
    const calls = pendingCalls();
    const together = new FoundTogether(calls.find);
    void together.row(keyOf('a'));
    await turn();
    void together.row(keyOf('b'));
    together.send();
    expect(calls.asked).toEqual([['a'], ['b']]);
  });

  it('fails all that was asked with it, and nothing later', async () => {
    let fails = true;
    const together = new FoundTogether(async () => {
      if (fails) throw new Error('away');
      return new Map();
    });
    const answers = await Promise.allSettled([together.row(keyOf('a')), together.row(keyOf('b'))]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await together.row(keyOf('a'))).toBeUndefined();
  });
});
