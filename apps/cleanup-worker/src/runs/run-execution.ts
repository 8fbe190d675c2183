import type { Logger } from '@mooring/nest-runtime';
import type { Clock } from '@mooring/session-store';
import { pause } from '../pause.ts';
import type { Task, TaskOutcome, TaskProgress, TaskRun } from '../tasks/task.ts';
import { RunJournal } from './run-journal.ts';
import { endedWith } from './run-record.ts';
import type { RunRecords, StoredRun } from './run-records.ts';

export interface ExecutionParts {
  readonly records: RunRecords;
  readonly logger: Logger;
  readonly clock: Clock;
  /** This process, for the records. */
  readonly instance: string;
  /** How often to see whether a run of another process goes on. */
  readonly retryMs: number;
  /** Ends all runs. */
  readonly signal: AbortSignal;
}

/**
 * `ended`: this process has done what it could, as the record says; the stored one is another's where a process went on
 * meanwhile. `held`: another run has the task's lease. `taken`: another process had ended it when this one got the lease.
 * With these two, nothing was done.
 */
export interface Execution {
  readonly how: 'ended' | 'held' | 'taken';
  readonly run: StoredRun;
}

const SAVE_EVERY_MS = 5000;
const LAST_SAVES = 3;

/** Runs a task to its end, and its record along with it. */
export async function execute(
  parts: ExecutionParts,
  task: Task,
  run: StoredRun,
  {
    dryRun,
    onProgress,
  }: { readonly dryRun: boolean; readonly onProgress?: ((made: TaskProgress) => void) | undefined },
): Promise<Execution> {
  const { clock, records, logger, instance, retryMs, signal } = parts;
  const taken = new AbortController();
  const journal = new RunJournal(records, run, {
    failed: ({ code }) => logger.warn({ task: task.name, code }, 'The record of a run could not be written'),
    taken: () => {
      logger.warn({ task: task.name, run: run.id }, 'Another process has the run; this one leaves it');
      taken.abort();
    },
  });
  const attempt = run.record.status === 'waiting' ? run.record.attempt : run.record.attempt + 1;
  let savedAt = clock.now();
  let hasBegun = false;
  const begin = async (): Promise<void> => {
    const now = clock.now();
    await journal.save({ status: 'running', instance, attempt, startedAt: now, updatedAt: now });
    hasBegun = journal.takenBy === undefined;
  };
  if (dryRun) await begin();
  const outcome = await outcomeOf(task, logger, {
    dryRun,
    signal: AbortSignal.any([signal, taken.signal]),
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
  if (outcome.ended === 'held') return { how: 'held', run: { ...run, record } };
  for (let tries = 1; !(await journal.save(record)) && tries < LAST_SAVES; tries += 1) {
    await pause(clock, retryMs, signal);
  }
  const other = journal.takenBy;
  return other === undefined || hasBegun ? { how: 'ended', run: journal.run } : { how: 'taken', run: other };
}

async function outcomeOf(task: Task, logger: Logger, run: TaskRun): Promise<TaskOutcome> {
  try {
    return await task.run(run);
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    logger.error({ task: task.name, error: name }, 'A task failed unexpectedly');
    const failure = { code: 'unexpected', message: `The task failed with ${name}; that is a bug.` };
    return { ended: 'failed', removed: 0, report: {}, failure };
  }
}
