import { expect, it } from '@jest/globals';
import type { AttemptKey } from '@mooring/session-store';
import { createMemoryStore } from './index.ts';

it('a sweep forgets no failure that still counts, also when its lock is over', async () => {
  let now = 1_767_225_600_000;
  const store = createMemoryStore({ clock: { now: () => now, after: () => () => undefined } });
  const policy = { limit: 2, windowMs: 3_600_000, lockStepsMs: [1000], resetAfterMs: 1000 };
  const keys: readonly AttemptKey[] = [{ scope: 'account', value: 'ann', policy }];
  await store.attempts.recordFailure('acme', keys);
  await store.attempts.recordFailure('acme', keys);
  now += 10_000;
  expect(await store.sweep({ target: 'attempts', limit: 10 })).toMatchObject({ ok: true, value: { deleted: 0 } });
  expect(await store.attempts.check('acme', keys)).toMatchObject({ allowed: true, states: [{ failures: 2 }] });
  now += 3_600_000;
  expect(await store.sweep({ target: 'attempts', limit: 10 })).toMatchObject({ ok: true, value: { deleted: 1 } });
  await store.close();
});
