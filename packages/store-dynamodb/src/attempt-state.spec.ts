import { expect, it } from '@jest/globals';
import { ATTEMPTS, failed } from './attempt-state.ts';

it('a key is garbage when its failures no longer count and its lock is forgotten', () => {
  const short = { limit: 1, windowMs: 3_600_000, lockStepsMs: [1000], resetAfterMs: 1000 };
  const deadlineAfter = (policy: typeof short): number | undefined => {
    const record = failed(ATTEMPTS.empty, policy, { at: 5000, id: null });
    return record === undefined ? undefined : ATTEMPTS.deadline(record);
  };
  expect(deadlineAfter(short)).toBe(5000 + 3_600_000);
  expect(deadlineAfter({ ...short, limit: 2 })).toBe(5000 + 3_600_000);
  expect(deadlineAfter({ ...short, resetAfterMs: 7_200_000 })).toBe(5000 + 1000 + 7_200_000);
});
