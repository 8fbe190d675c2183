import { describe, expect, it } from '@jest/globals';
import { Metrics } from '@mooring/nest-runtime';
import { ok, systemClock } from '@mooring/session-store';
import type { LeaseStore, StoreBackend } from '@mooring/session-store';
import type { RunRecord } from '@mooring/session-sweeper';
import { CronSchedule } from '../schedule/cron-schedule.ts';
import { SweepMetrics } from './sweep-metrics.ts';
import { SweepTask } from './sweep-task.ts';
import type { Task } from './task.ts';
import { WarehouseTask } from './warehouse-task.ts';

const schedule = new CronSchedule('0 * * * *', 'UTC');
const leases = {} as LeaseStore;

/** What is kept of a run of this process, as another one reads it. */
async function recordOf(task: Task): Promise<RunRecord> {
  const unused = async (): Promise<void> => undefined;
  const { signal } = new AbortController();
  const run = { dryRun: true, signal, begun: unused, ended: unused, progress: () => undefined };
  return JSON.parse(JSON.stringify(await task.run(run))) as RunRecord;
}

const valueOf = (metrics: Metrics, name: string): Promise<string> => metrics.registry.getSingleMetricAsString(name);

describe('a run of another process', () => {
  it('of a sweep says how old the oldest row is now', async () => {
    const sweep = (ageMs: number) => {
      const metrics = new Metrics('spec');
      const store: Pick<StoreBackend, 'sweep' | 'leases'> = {
        leases,
        sweep: async () => ok({ deleted: 1, more: false, oldestExpiredAgeMs: ageMs }),
      };
      const parts = { namespace: 'auth', store, schedule, options: {}, clock: systemClock };
      return { metrics, task: new SweepTask({ ...parts, metrics: new SweepMetrics(metrics) }) };
    };
    const [before, now] = [sweep(50_000), sweep(2000)];
    for (const { task } of [before, now]) now.task.seen(await recordOf(task));
    const shown = await valueOf(now.metrics, 'mooring_sweep_oldest_expired_age_seconds');
    expect(shown).toMatch(/target="sessions".*\} 2$/m);
    now.task.seen({ report: {} } as RunRecord);
    expect(await valueOf(now.metrics, 'mooring_sweep_oldest_expired_age_seconds')).toBe(shown);
  });

  it('of a comparison says what is at the warehouse now', async () => {
    const metrics = new Metrics('spec');
    const seen = { open: 3, slots: 2, gone: 0, abandoned: 0, unknown: 1, more: false };
    const task = new WarehouseTask({
      reconciler: { run: async () => ({ ...seen, closed: { abandoned: 0, unknown: 0 } }) },
      leases,
      leaseTtlMs: 1000,
      graceMs: 1000,
      closeUnknown: false,
      schedule,
      metrics,
      clock: systemClock,
    });
    task.seen(await recordOf(task));
    const shown = await valueOf(metrics, 'mooring_warehouse_sessions');
    for (const state of ['open', 'slots', 'gone', 'abandoned', 'unknown'] as const) {
      expect(shown).toMatch(new RegExp(`state="${state}".*\\} ${seen[state]}$`, 'm'));
    }
  });
});
