import { expect, it } from '@jest/globals';
import { withoutRealTime } from './no-real-time.ts';

it.each([
  ['Date.now', () => Date.now()],
  ['Math.random', () => Math.random()],
  ['performance.now', () => performance.now()],
  ['setTimeout', () => setTimeout(() => undefined, 0)],
  ['setImmediate', () => setImmediate(() => undefined)],
])('a run that touches %s fails, also where it is caught', async (name, touch) => {
  const run = withoutRealTime(async () => {
    try {
      touch();
    } catch {
      // As code under test might.
    }
  });
  await expect(run).rejects.toThrow(`the run touched ${name}`);
  expect(touch).not.toThrow();
});
