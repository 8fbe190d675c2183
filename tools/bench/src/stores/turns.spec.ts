import { describe, expect, it } from '@jest/globals';
import { burst, manyAtOnce, oneByOne, orderOf, type PrepareCalls } from './turns.ts';

/** Arms that write down who was called with what, and how many calls they were asked for. */
function recordingArms(count: number): { arms: PrepareCalls[]; calls: string[]; prepared: number[][] } {
  const calls: string[] = [];
  const prepared: number[][] = Array.from({ length: count }, () => []);
  const arms = prepared.map((own, arm): PrepareCalls => async (calls_) => {
    own.push(calls_);
    return async (index) => calls.push(`${arm}:${index}`);
  });
  return { arms, calls, prepared };
}

describe('orderOf', () => {
  it('has every arm in every round, each of them first as often, and both ways round', () => {
    const rounds = Array.from({ length: 12 }, (_, round) => orderOf(3, round));
    for (const order of rounds) expect(order.toSorted((one, other) => one - other)).toEqual([0, 1, 2]);
    for (const arm of [0, 1, 2]) expect(rounds.filter(([first]) => first === arm)).toHaveLength(4);
    const pairs = rounds.flatMap(([one, two, three]) => [`${one}${two}`, `${two}${three}`]);
    expect(new Set(pairs).size).toBe(6);
  });
});

describe('oneByOne', () => {
  it('lets the arms take turns call by call, and leaves the warm-up out', async () => {
    const { arms, calls, prepared } = recordingArms(2);
    const blocks = await oneByOne(arms, 2, 3);
    expect(prepared).toEqual([[5], [5]]);
    expect(calls).toHaveLength(10);
    for (let round = 0; round < 5; round += 1) {
      expect(calls.slice(2 * round, 2 * round + 2).sort()).toEqual([`0:${round}`, `1:${round}`]);
    }
    expect(blocks.map(({ latenciesMs }) => latenciesMs.length)).toEqual([3, 3]);
  });

  it('counts the requests of the calls that count', async () => {
    let requests = 0;
    const twice: PrepareCalls = async () => {
      requests += 100;
      return async () => void (requests += 2);
    };
    const [block] = await oneByOne([twice], 2, 3, () => requests);
    expect(block?.requests).toBe(6);
    const [concurrent] = await manyAtOnce([twice], 2, 8, () => requests);
    expect(concurrent?.requests).toBe(16);
  });

  it('fails when a call does', async () => {
    const failing: PrepareCalls = async () => async () => Promise.reject(new Error('refused'));
    await expect(oneByOne([failing], 0, 1)).rejects.toThrow('refused');
  });
});

describe('manyAtOnce', () => {
  it('measures each arm as often, the first turn left out', async () => {
    const { arms, prepared } = recordingArms(3);
    const blocks = await manyAtOnce(arms, 8, 40);
    expect(prepared).toEqual(arms.map(() => [10, 10, 10, 10, 10]));
    expect(blocks.map(({ latenciesMs }) => latenciesMs.length)).toEqual([40, 40, 40]);
    for (const { elapsedMs } of blocks) expect(elapsedMs).toBeGreaterThan(0);
  });
});

describe('burst', () => {
  it('makes every call once, never more of them at a time than there are callers', async () => {
    let running = 0;
    let most = 0;
    const seen: number[] = [];
    const call = async (index: number): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(index);
      running -= 1;
    };
    await burst(call, 4, 10);
    expect(most).toBe(4);
    expect(seen.sort((one, other) => one - other)).toEqual(Array.from({ length: 10 }, (_, index) => index));
  });
});
