import { expect, it } from '@jest/globals';
import type { Clock } from '@mooring/session-store';
import type { DataApi } from '../data-api/data-api.ts';
import { StatementPoller } from './statement-poller.ts';

/** What was asked in a minute of a statement that runs for longer, of a service that keeps a call for `answersAfterMs`. */
async function callsInAMinute(answersAfterMs: (waitSeconds: number) => number): Promise<number> {
  let now = 0;
  let calls = 0;
  const clock: Clock = {
    now: () => now,
    after: (delayMs, callback) => {
      queueMicrotask(() => {
        now += delayMs;
        callback();
      });
      return () => undefined;
    },
  };
  const describe: DataApi['describe'] = (id, waitSeconds = 0) => {
    calls += 1;
    now += answersAfterMs(waitSeconds);
    return Promise.resolve({ id, status: 'STARTED', hasResultSet: false, subStatements: [] });
  };
  const poller = new StatementPoller({ describe } as DataApi, clock, () => 0.5);
  await poller.poll('id', 60_000);
  return calls;
}

it('asks again at once where the service waits', async () => {
  expect(await callsInAMinute((waitSeconds) => 5 + waitSeconds * 1000)).toBeLessThan(10);
});

it('pauses where the service answers at once though it was asked to wait', async () => {
  expect(await callsInAMinute(() => 5)).toBeLessThan(60);
});
