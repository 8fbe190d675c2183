import { feederOf } from './batch.ts';
import type { Feeder } from './batch.ts';
import type { Target } from './target.ts';

function broken(
  name: string,
  check: (input: string) => void | Promise<void>,
  read?: (input: string) => unknown,
): Target {
  return {
    name,
    summary: name,
    corpus: { one: 'abc', other: 'xyz' },
    testRuns: 250,
    open: async () => ({
      inputs: (mutations) => mutations,
      check,
      ...(read === undefined ? {} : { read }),
      close: async () => {},
    }),
  };
}

const kept: string[] = [];

/** Each keeps no promise of one kind. */
export const BROKEN: readonly Target[] = [
  broken('fails', (input) => {
    if (input.includes('(')) throw new TypeError('unexpected bracket');
  }),
  broken('hangs', (input) => {
    if (input.includes('(')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }),
  broken('ends', (input) => {
    if (input.includes('(')) process.exit(7);
  }),
  broken('forgets', (input) => {
    if (input.includes('(')) void Promise.reject(new Error('nobody listens'));
  }),
  broken('keeps', (input) => {
    for (let copy = 0; copy < 40; copy += 1) kept.push(`${copy} ${input} ${'x'.repeat(1000)}`.toUpperCase());
  }),
  broken(
    'squares',
    () => {},
    (input) => {
      let count = 0;
      const steps = input.length ** 2 / 40;
      for (let step = 0; step < steps; step += 1) count += step % 3;
      return count;
    },
  ),
];

export async function openBroken({ target, journal }: { target: string; journal: string }): Promise<Feeder> {
  const found = BROKEN.find(({ name }) => name === target);
  if (found === undefined) throw new Error(`there is no target ${target}`);
  return feederOf(found, journal);
}
