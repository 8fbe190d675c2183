import { describe, expect, it } from '@jest/globals';
import type { Call, Specification } from './call.ts';
import { checkHistory } from './checker.ts';

type Asked = { readonly write: string } | 'read';

/** A register that only holds what was written last. */
const register: Specification<string, Asked, string> = {
  initial: '',
  after: (state, asked, answer) => {
    if (asked !== 'read') return [asked.write];
    return answer === undefined || answer === state ? [state] : [];
  },
};

function call(asked: Asked, begin: number, end: number, answer?: string): Call<Asked, string> {
  return { client: 'one', on: 'register', asked, begin, end, answer };
}
const write = (value: string, begin: number, end = Infinity): Call<Asked, string> =>
  call({ write: value }, begin, end, end === Infinity ? undefined : 'done');
const read = (value: string, begin: number, end: number): Call<Asked, string> => call('read', begin, end, value);

const verdictOf = (calls: readonly Call<Asked, string>[]): string => checkHistory(register, calls).is;

describe('a history', () => {
  it.each([
    ['of nothing', []],
    ['of calls one after the other', [write('a', 0, 1), read('a', 2, 3), write('b', 4, 5), read('b', 6, 7)]],
    ['with a value read before its writer was answered', [write('a', 0, 5), read('a', 1, 2), read('a', 3, 4)]],
    ['with an old value while the new one is written', [write('a', 0, 1), write('b', 2, 5), read('a', 3, 4)]],
    ['with two writers at once, either last', [write('a', 0, 3), write('b', 1, 2), read('a', 4, 5)]],
    ['with a lost write that nobody saw', [write('a', 0, 1), write('b', 2), read('a', 3, 4)]],
    ['with a lost write that took effect late', [write('b', 0), write('a', 1, 2), read('a', 3, 4), read('b', 5, 6)]],
    ['whatever the order of its records', [read('a', 3, 4), write('b', 2, 5), write('a', 0, 1)]],
  ])('%s is linearizable', (_, calls) => expect(verdictOf(calls)).toBe('linearizable'));

  it.each([
    ['with a lost value', [write('a', 0, 1), read('', 2, 3)]],
    ['with an old value', [write('a', 0, 1), write('b', 2, 3), read('a', 4, 5)]],
    ['with a value from nowhere', [write('a', 0, 1), read('b', 2, 3)]],
    ['with a value read before it was asked for', [read('a', 0, 1), write('a', 2, 3)]],
    [
      'with two readers who saw two orders',
      [write('a', 0, 9), write('b', 1, 8), read('a', 2, 3), read('b', 4, 5), read('a', 6, 7)],
    ],
    [
      'with a lost write that took effect twice',
      [write('b', 0), read('b', 1, 2), write('a', 3, 4), read('a', 5, 6), read('b', 7, 8)],
    ],
    ['with a lost write seen before it was asked for', [read('b', 0, 1), write('b', 2)]],
  ])('%s is not', (_, calls) => expect(verdictOf(calls)).toBe('impossible'));

  it('that is not shows the first answer that nothing explains, and the states before it', () => {
    const calls = [write('a', 0, 1), write('b', 2, 5), read('c', 3, 4), read('d', 6, 7)];
    expect(checkHistory(register, calls)).toEqual({ is: 'impossible', call: calls[2], states: ['a'] });
  });

  it('of too many orders is undecided, not fine', () => {
    const calls = Array.from({ length: 12 }, (_, index) => write(`value ${index}`, index, 100 + index));
    expect(checkHistory(register, [...calls, read('?', 50, 60)], { maxStates: 500 }).is).toBe('undecided');
  });

  it('of thousands of calls by some clients is checked in a number of states that grows with the calls', () => {
    const states = (count: number): number => {
      const calls = Array.from({ length: count }, (_, index) =>
        index % 4 === 3
          ? read(`value ${index - 1}`, index * 2, index * 2 + 7)
          : write(`value ${index}`, index * 2, index * 2 + 5),
      );
      let least = 1;
      while (checkHistory(register, calls, { maxStates: least }).is === 'undecided') least *= 2;
      return least;
    };
    expect(states(2000) / states(1000)).toBeLessThanOrEqual(2);
  });
});
