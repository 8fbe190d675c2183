import type { DurableCatalog } from '@mooring/engine-catalog';
import type { Metrics } from '@mooring/nest-runtime';
import type { Clock, LeaseStore } from '@mooring/session-store';
import type { SweepOptions } from '@mooring/session-sweeper';
import { pause } from '../pause.ts';
import type { CronSchedule } from '../schedule/cron-schedule.ts';
import { failedOutcome } from './failed-outcome.ts';
import type { Task, TaskOutcome, TaskRun } from './task.ts';
import { underLease } from './under-lease.ts';

export const AUDIT_TASK = 'prune-audit';

/** What one call of the audit log takes at most. */
const LARGEST_BATCH = 10_000;

export interface AuditTaskParts {
  /** The catalog with the audit log; it is opened for each run and closed after it. */
  readonly open: () => Promise<Pick<DurableCatalog, 'audit' | 'close'>>;
  readonly leases: LeaseStore;
  readonly keptMs: number;
  readonly options: Pick<SweepOptions, 'batchSize' | 'pauseMs' | 'budgetMs' | 'leaseTtlMs'>;
  readonly schedule: CronSchedule;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Deletes events of the engine's audit log that are older than they are kept, of all tenants, the oldest first. */
export class AuditTask implements Task {
  readonly name = AUDIT_TASK;
  readonly description = "Deletes events of the engine's audit log that are older than they are kept.";
  readonly schedule: CronSchedule;
  private readonly pruned;

  constructor(private readonly parts: AuditTaskParts) {
    this.schedule = parts.schedule;
    this.pruned = parts.metrics.counter({
      name: 'mooring_audit_events_pruned_total',
      help: "Events of the engine's audit log that were deleted because of their age.",
    });
  }

  async run(run: TaskRun): Promise<TaskOutcome> {
    const { leases, options, clock } = this.parts;
    try {
      if (run.dryRun) return await this.count(run);
      const lease = { leases, name: AUDIT_TASK, ttlMs: options.leaseTtlMs, clock };
      return await underLease(lease, run, (signal) => this.prune({ ...run, signal }));
    } catch (error) {
      return failedOutcome(error);
    }
  }

  /** What it counts is this process's own. */
  seen(): void {}

  private get olderThan(): number {
    return Math.max(0, this.parts.clock.now() - this.parts.keptMs);
  }

  private async count({ progress }: TaskRun): Promise<TaskOutcome> {
    const { open } = this.parts;
    const { olderThan } = this;
    const catalog = await open();
    try {
      const { deleted, more } = await catalog.audit.prune({ olderThan, limit: LARGEST_BATCH, dryRun: true });
      progress({ step: 'events', removed: deleted });
      return { ended: 'done', removed: deleted, report: { olderThan, more } };
    } finally {
      await catalog.close();
    }
  }

  private async prune({ signal, progress }: Pick<TaskRun, 'signal' | 'progress'>): Promise<TaskOutcome> {
    const { open, options, clock } = this.parts;
    const { olderThan } = this;
    const limit = Math.min(options.batchSize, LARGEST_BATCH);
    const until = clock.now() + options.budgetMs;
    const catalog = await open();
    let [removed, batches, more] = [0, 0, true];
    try {
      while (more && !signal.aborted && clock.now() < until) {
        const begunAt = clock.now();
        const batch = await catalog.audit.prune({ olderThan, limit });
        const tookMs = clock.now() - begunAt;
        ({ more } = batch);
        removed += batch.deleted;
        batches += 1;
        this.pruned.inc(batch.deleted);
        progress({ step: 'events', removed });
        if (more) await pause(clock, Math.max(options.pauseMs, tookMs), signal);
      }
    } finally {
      await catalog.close();
    }
    const ended = !more ? 'done' : signal.aborted ? 'aborted' : 'incomplete';
    return { ended, removed, report: { olderThan, batches } };
  }
}
