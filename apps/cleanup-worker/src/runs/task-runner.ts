import type { Logger } from '@mooring/nest-runtime';
import { StoreError } from '@mooring/session-store';
import type { Clock, EpochMs } from '@mooring/session-store';
import type { AuditLog } from '../audit-log.ts';
import { pause } from '../pause.ts';
import type { Task, TaskOutcome, TaskProgress } from '../tasks/task.ts';
import { RunJournal } from './run-journal.ts';
import type { RunMetrics } from './run-metrics.ts';
import { endedWith, isOver } from './run-record.ts';
import type { RunRecord, RunTrigger } from './run-record.ts';
import type { RunRecords, StoredRun } from './run-records.ts';

export interface TaskRunnerParts {
  readonly records: RunRecords;
  readonly metrics: RunMetrics;
  readonly audit: AuditLog;
  readonly logger: Logger;
  readonly clock: Clock;
  /** This process, for the records. */
  readonly instance: string;
  /** How often to see whether a run of another process goes on. */
  readonly retryMs: number;
  /** Ends all runs. */
  readonly signal: AbortSignal;
}

export interface RunOptions {
  readonly trigger: RunTrigger;
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: TaskProgress) => void;
}

const SAVE_EVERY_MS = 5000;
const LAST_SAVES = 3;

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
    return { run, ended: this.track(this.execute(task, run, options).then((ended) => this.close(ended))) };
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
    const { clock, signal, logger, metrics, retryMs } = this.parts;
    let waiting: StoredRun | undefined;
    for (let failures = 0; ;) {
      try {
        const run = await this.create(id, this.newRecord(task, options, dueAt));
        if (isOver(run.record)) {
          metrics.seen(run.record);
          return run;
        }
        const ended = await this.execute(task, run, options);
        if (ended.record.status !== 'skipped') return await this.close(ended);
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

  /** Until the task ended. With the status `skipped` it has not begun: another has the lease, and nothing was written. */
  private async execute(task: Task, run: StoredRun, { dryRun = false, onProgress }: RunOptions): Promise<StoredRun> {
    const { clock, records, logger, instance } = this.parts;
    const taken = new AbortController();
    const journal = new RunJournal(records, run, {
      failed: ({ code }) => logger.warn({ task: task.name, code }, 'The record of a run could not be written'),
      taken: () => taken.abort(),
    });
    const attempt = run.record.status === 'waiting' ? run.record.attempt : run.record.attempt + 1;
    let savedAt = clock.now();
    const begin = (): void => {
      const now = clock.now();
      void journal.save({ status: 'running', instance, attempt, startedAt: now, updatedAt: now });
    };
    if (dryRun) begin();
    const outcome = await this.outcomeOf(task, {
      dryRun,
      signal: AbortSignal.any([this.parts.signal, taken.signal]),
      begun: begin,
      progress: (progress) => {
        const now = clock.now();
        journal.note({ progress, updatedAt: now });
        onProgress?.(progress);
        if (now - savedAt < SAVE_EVERY_MS) return;
        savedAt = now;
        void journal.save({});
      },
    });
    const record = endedWith(journal.run.record, outcome, clock.now());
    if (record.status === 'skipped') return { ...run, record };
    for (let tries = 1; !(await journal.save(record)) && tries < LAST_SAVES; tries += 1) {
      await pause(clock, this.parts.retryMs, this.parts.signal);
    }
    return journal.run;
  }

  private async outcomeOf(task: Task, run: Parameters<Task['run']>[0]): Promise<TaskOutcome> {
    try {
      return await task.run(run);
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      this.parts.logger.error({ task: task.name, error: name }, 'A task failed unexpectedly');
      const failure = { code: 'unexpected', message: `The task failed with ${name}; that is a bug.` };
      return { ended: 'failed', removed: 0, report: {}, failure };
    }
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
