import type { Clock, StoreBackend } from '@mooring/session-store';
import { SessionSweeper } from '@mooring/session-sweeper';
import type { RunEnd, RunFailure, RunRecord, SweepOptions, SweepReport, TargetReport } from '@mooring/session-sweeper';
import type { CronSchedule } from '../schedule/cron-schedule.ts';
import type { SweepMetrics } from './sweep-metrics.ts';
import type { Task, TaskOutcome, TaskRun } from './task.ts';

export interface SweepTaskParts {
  readonly namespace: string;
  readonly store: Pick<StoreBackend, 'sweep' | 'leases'>;
  readonly schedule: CronSchedule;
  readonly options: Partial<SweepOptions>;
  readonly metrics: SweepMetrics;
  readonly clock: Clock;
}

/** Deletes what is dead in one namespace. */
export class SweepTask implements Task {
  readonly name: string;
  readonly description: string;
  readonly schedule: CronSchedule;
  private readonly sweeper: SessionSweeper;

  constructor(private readonly parts: SweepTaskParts) {
    const { namespace, schedule, store, options, clock } = parts;
    this.name = `sweep-${namespace}`;
    this.description = `Deletes what is dead in the namespace ${namespace} of the session store.`;
    this.schedule = schedule;
    this.sweeper = new SessionSweeper({ store, options, clock });
  }

  async run({ dryRun, signal, begun, progress, ended }: TaskRun): Promise<TaskOutcome> {
    const { namespace, metrics } = this.parts;
    let before = 0;
    let target = '';
    let deleted = 0;
    const report = await this.sweeper.run({
      dryRun,
      signal,
      onLease: async (held) => {
        metrics.leaseHeld(namespace, held);
        if (held) await begun();
      },
      onProgress: (made) => {
        if (made.target !== target) before += deleted;
        ({ target, deleted } = made);
        progress({ step: target, removed: before + deleted });
      },
      onSwept: (swept) => ended(outcomeOf(swept)),
    });
    if (!dryRun) metrics.swept(namespace, report.targets);
    return outcomeOf(report);
  }

  seen({ report: { targets } }: RunRecord): void {
    const { namespace, metrics } = this.parts;
    for (const { target, batches, oldestAgeAfterMs } of Array.isArray(targets) ? (targets as ShownTarget[]) : []) {
      if (batches > 0) metrics.aged(namespace, target, oldestAgeAfterMs);
    }
  }
}

/** Of a report as it is kept. */
type ShownTarget = ReturnType<typeof shown>;

function outcomeOf({ targets, deleted, durationMs }: SweepReport): TaskOutcome {
  const failure = failureOf(targets);
  return {
    ended: endOf(targets),
    removed: deleted,
    report: { durationMs, targets: targets.map((target) => ({ ...shown(target) })) },
    ...(failure === undefined ? {} : { failure }),
  };
}

function shown({ failure, oldestExpiredAgeMs: { before, after }, ...target }: TargetReport) {
  return {
    ...target,
    oldestAgeBeforeMs: before,
    oldestAgeAfterMs: after,
    ...(failure === undefined ? {} : { failure: failure.code }),
  };
}

function endOf(targets: readonly TargetReport[]): RunEnd {
  const some = (...ends: readonly TargetReport['ended'][]): boolean =>
    targets.some(({ ended }) => ends.includes(ended));
  if (some('failed', 'lease_lost')) return 'failed';
  if (some('aborted')) return 'aborted';
  if (some('lease_held')) return 'held';
  return some('time') ? 'incomplete' : 'done';
}

function failureOf(targets: readonly TargetReport[]): RunFailure | undefined {
  const failed = targets.find(({ failure }) => failure !== undefined)?.failure;
  if (failed !== undefined) return { code: failed.code, message: failed.message };
  const lost = targets.some(({ ended }) => ended === 'lease_lost');
  return lost
    ? { code: 'lease_lost', message: 'This process was too slow to keep its lease; another goes on.' }
    : undefined;
}
