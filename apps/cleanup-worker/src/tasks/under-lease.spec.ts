import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Metrics } from '@mooring/nest-runtime';
import type { StoreBackend } from '@mooring/session-store';
import { JumpClock } from '../jump-clock.fixture.ts';
import { CronSchedule } from '../schedule/cron-schedule.ts';
import { startShared } from '../store.fixture.ts';
import type { SharedServer } from '../store.fixture.ts';
import { SweepMetrics } from './sweep-metrics.ts';
import { SweepTask } from './sweep-task.ts';
import type { TaskOutcome, TaskRun } from './task.ts';
import { underLease } from './under-lease.ts';

const TTL_MS = 600_000;
const clock = new JumpClock();
let server: SharedServer;
let store: StoreBackend;
beforeAll(async () => {
  server = await startShared('postgres');
  store = await server.open('tasks');
});
afterAll(() => server?.stop());

const sweepTask = (): SweepTask =>
  new SweepTask({
    namespace: 'tasks',
    store,
    schedule: new CronSchedule('0 * * * *', 'UTC'),
    options: { leaseName: 'work', leaseTtlMs: TTL_MS },
    metrics: new SweepMetrics(new Metrics('spec')),
    clock,
  });

const WORK: readonly (readonly [string, (run: TaskRun) => Promise<TaskOutcome>])[] = [
  ['a sweep', (run) => sweepTask().run(run)],
  [
    'any other',
    (run) =>
      underLease({ leases: store.leases, name: 'work', ttlMs: TTL_MS, clock }, run, async () => ({
        ended: 'done',
        removed: 0,
        report: {},
      })),
  ],
];

it.each(WORK)('%s tells how it ended before another process may have its lease', async (_, work) => {
  const told: unknown[] = [];
  const outcome = await work({
    dryRun: false,
    signal: new AbortController().signal,
    begun: async () => {},
    progress: () => {},
    ended: async (end) => {
      told.push(end.ended, await store.leases.acquire('work', 'another', TTL_MS));
    },
  });
  expect(told).toEqual([outcome.ended, { ok: false, reason: 'held' }]);
  expect(outcome.ended).toBe('done');
  const freed = await store.leases.acquire('work', 'another', TTL_MS);
  expect(freed.ok).toBe(true);
  if (freed.ok) await store.leases.release(freed.value);
});
