import { traced } from '@mooring/nest-runtime';
import { StoreError } from '@mooring/session-store';
import type { EpochMs } from '@mooring/session-store';
import { isRunOver } from '@mooring/session-sweeper';
import type { RunProgress, RunRecord, RunTrigger, StoredRun } from '@mooring/session-sweeper';
import type { AuditLog } from '../audit-log.ts';
import { pause } from '../pause.ts';
import type { Task } from '../tasks/task.ts';
import { execute } from './run-execution.ts';
import type { Execution, ExecutionParts } from './run-execution.ts';
import type { RunMetrics } from './run-metrics.ts';

export interface TaskRunnerParts extends ExecutionParts {
  readonly metrics: RunMetrics;
  readonly audit: AuditLog;
}

export interface RunOptions {
  readonly trigger: RunTrigger;
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: RunProgress) => void;
}

/** Runs tasks and keeps a record of each run that every process can read. */
export class TaskRunner {
  private readonly running = new Set<Promise<unknown>>();

  constructor(private readonly parts: TaskRunnerParts) {}

  /** Begins a run now; `ended` has it when it is over, also when there was nothing to do because another is at it. */
  async begin(
    task: Task,
    options: RunOptions,
  ): Promise<{ readonly run: StoredRun; readonly ended: Promise<StoredRun> }> {
    const run = await this.create(this.parts.records.newId(task.name), this.newRecord(task, options, null));
    return { run, ended: this.track(this.execute(task, run, options).then(({ run: ended }) => this.close(ended))) };
  }

  /** The scheduled run that was due at `dueAt`: once for all processes, whichever of them get to it before `until`. */
  runDue(task: Task, dueAt: EpochMs, until: EpochMs): Promise<StoredRun | undefined> {
    const id = this.parts.records.idOfSlot(task.name, dueAt);
    return this.track(this.whenFree(task, id, dueAt, until, { trigger: 'schedule' }));
  }

  /** A run of its own, as soon as no other is at it. */
  runOnce(task: Task, until: EpochMs, options: RunOptions): Promise<StoredRun | undefined> {
    return this.track(this.whenFree(task, this.parts.records.newId(task.name), null, until, options));
  }

  /** Ends when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }

  private async whenFree(
    task: Task,
    id: string,
    dueAt: EpochMs | null,
    until: EpochMs,
    options: RunOptions,
  ): Promise<StoredRun | undefined> {
    const { clock, signal, logger, retryMs } = this.parts;
    let waiting: StoredRun | undefined;
    for (let failures = 0; ;) {
      try {
        const run = await this.create(id, this.newRecord(task, options, dueAt));
        if (isRunOver(run.record)) return this.seen(task, run);
        const { how, run: ended } = await this.execute(task, run, options);
        if (how === 'taken') return this.seen(task, ended);
        if (how === 'ended') return await this.close(ended);
        // Of a run that another process is at, nothing is for this one to write down.
        waiting = run.record.status === 'waiting' ? ended : undefined;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        failures += 1;
        if (failures === 1)
          logger.warn({ task: task.name, code: error.code }, 'A run could not begin; it is tried again');
      }
      if (signal.aborted) return waiting;
      if (clock.now() >= until) return waiting === undefined ? undefined : await this.close(waiting);
      await pause(clock, retryMs, signal);
    }
  }

  private execute(task: Task, run: StoredRun, { dryRun = false, onProgress }: RunOptions): Promise<Execution> {
    return traced(`task ${task.name}`, {}, () => execute(this.parts, task, run, { dryRun, onProgress }));
  }

  /** A run of another process. */
  private seen(task: Task, run: StoredRun): StoredRun {
    this.parts.metrics.seen(run.record);
    task.seen(run.record);
    return run;
  }

  /** Says what became of a run. One that never began is only now written down as skipped. */
  private async close(run: StoredRun): Promise<StoredRun> {
    const { records, metrics, audit } = this.parts;
    if (run.record.status === 'skipped') {
      await records.replace(run, run.record).catch((error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
      });
    }
    metrics.ended(run.record);
    audit.ended(run);
    return run;
  }

  private async create(id: string, record: RunRecord): Promise<StoredRun> {
    const { records } = this.parts;
    const created = await records.create(id, record);
    if (created !== 'exists') return created;
    const found = await records.find(id);
    return found ?? { id, version: 0, record: { ...record, status: 'skipped' } };
  }

  private newRecord(task: Task, { trigger, dryRun = false }: RunOptions, dueAt: EpochMs | null): RunRecord {
    const now = this.parts.clock.now();
    return {
      task: task.name,
      trigger,
      dryRun,
      dueAt,
      status: 'waiting',
      instance: this.parts.instance,
      attempt: 1,
      startedAt: now,
      updatedAt: now,
      endedAt: null,
      progress: null,
      removed: 0,
      report: {},
      failure: null,
    };
  }

  private track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.running.delete(tracked));
    this.running.add(tracked);
    return tracked;
  }
}
