import type { Metrics } from '@mooring/nest-runtime';
import type { Reconciliation, ReconciliationRun, SessionReconciler } from '@mooring/redshift-sessions';
import type { Clock, LeaseStore } from '@mooring/session-store';
import type { RunRecord } from '@mooring/session-sweeper';
import type { CronSchedule } from '../schedule/cron-schedule.ts';
import { failedOutcome } from './failed-outcome.ts';
import type { Task, TaskOutcome, TaskRun } from './task.ts';
import { underLease } from './under-lease.ts';

export const WAREHOUSE_TASK = 'warehouse-sessions';

/** Of a comparison, and of the report that is kept of it. */
const STATES = ['open', 'slots', 'gone', 'abandoned', 'unknown'] as const satisfies readonly (keyof Reconciliation)[];

export interface WarehouseTaskParts {
  readonly reconciler: Pick<SessionReconciler, 'run'>;
  /** In the namespace of the pool. */
  readonly leases: LeaseStore;
  readonly leaseTtlMs: number;
  readonly graceMs: number;
  readonly closeUnknown: boolean;
  readonly schedule: CronSchedule;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Compares the session pool with the warehouse, and closes what nobody will use again. */
export class WarehouseTask implements Task {
  readonly name = WAREHOUSE_TASK;
  readonly description = 'Compares the session pool with the warehouse and closes sessions that were left behind.';
  readonly schedule: CronSchedule;
  private readonly found;
  private readonly closed;

  constructor(private readonly parts: WarehouseTaskParts) {
    this.schedule = parts.schedule;
    this.found = parts.metrics.gauge({
      name: 'mooring_warehouse_sessions',
      help: 'Sessions as the warehouse and the pool had them at the last comparison, by state; one may be in several.',
      labelNames: ['state'],
    });
    this.closed = parts.metrics.counter({
      name: 'mooring_warehouse_sessions_closed_total',
      help: 'Sessions told to close: abandoned ones, and ones that the pool did not know.',
      labelNames: ['reason'],
    });
  }

  async run({ dryRun, signal, begun, progress, ended }: TaskRun): Promise<TaskOutcome> {
    const { reconciler, graceMs, closeUnknown, leases, leaseTtlMs, clock } = this.parts;
    const compare = async (request: ReconciliationRun): Promise<TaskOutcome> => {
      const seen = await reconciler.run(request);
      if (!dryRun) this.note(seen);
      progress({ step: 'sessions', removed: removedIn(seen) });
      return outcomeOf(seen, signal.aborted);
    };
    try {
      const request = { graceMs, closeUnknown, dryRun };
      return dryRun
        ? await compare({ ...request, signal })
        : await underLease(
            { leases, name: WAREHOUSE_TASK, ttlMs: leaseTtlMs, clock },
            { signal, begun, ended },
            (stop) => compare({ ...request, signal: stop }),
          );
    } catch (error) {
      return failedOutcome(error);
    }
  }

  seen({ report }: RunRecord): void {
    for (const state of STATES) {
      const count = report[state];
      if (typeof count === 'number') this.found.set({ state }, count);
    }
  }

  private note(seen: Reconciliation): void {
    for (const state of STATES) this.found.set({ state }, seen[state]);
    for (const [reason, count] of Object.entries(seen.closed)) this.closed.inc({ reason }, count);
  }
}

function removedIn({ closed }: Reconciliation): number {
  return closed.abandoned + closed.unknown;
}

function outcomeOf({ closed, ...seen }: Reconciliation, aborted: boolean): TaskOutcome {
  const ended = aborted ? 'aborted' : seen.more ? 'incomplete' : 'done';
  const report = { ...seen, closedAbandoned: closed.abandoned, closedUnknown: closed.unknown };
  return { ended, removed: closed.abandoned + closed.unknown, report };
}
