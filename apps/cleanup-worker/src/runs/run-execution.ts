import type { Logger } from '@mooring/nest-runtime';
import type { Clock } from '@mooring/session-store';
import type { RunProgress, RunRecords, StoredRun } from '@mooring/session-sweeper';
import { pause } from '../pause.ts';
import type { Task, TaskOutcome, TaskRun } from '../tasks/task.ts';
import { endedWith } from './run-end.ts';
import { RunJournal } from './run-journal.ts';

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

/** So often others see how far a run is, and it sees whether it was taken from this process. */
const SAVE_EVERY_MS = 5000;
const LAST_SAVES = 3;

/** Runs a task to its end, and its record along with it. */
export async function execute(
  parts: ExecutionParts,
  task: Task,
  run: StoredRun,
  { dryRun, onProgress }: { readonly dryRun: boolean; readonly onProgress?: ((made: RunProgress) => void) | undefined },
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
  let hasBegun = false;
  let cancelSign = (): void => undefined;
  const sign = (): void => {
    void journal.save({ updatedAt: clock.now() });
    cancelSign = clock.after(SAVE_EVERY_MS, sign);
  };
  const begin = async (): Promise<void> => {
    const now = clock.now();
    await journal.save({ status: 'running', instance, attempt, startedAt: now, updatedAt: now });
    hasBegun = journal.takenBy === undefined;
    cancelSign = clock.after(SAVE_EVERY_MS, sign);
  };
  let isWritten = false;
  const end = async (outcome: TaskOutcome): Promise<void> => {
    cancelSign();
    isWritten = await journal.save(endedWith(journal.run.record, outcome, clock.now()));
  };
  if (dryRun) await begin();
  const outcome = await outcomeOf(task, logger, {
    dryRun,
    signal: AbortSignal.any([signal, taken.signal]),
    begun: begin,
    progress: (progress) => {
      journal.note({ progress });
      onProgress?.(progress);
    },
    ended: end,
  });
  cancelSign();
  if (outcome.ended === 'held') {
    return { how: 'held', run: { ...run, record: endedWith(journal.run.record, outcome, clock.now()) } };
  }
  for (let tries = 0; !isWritten && tries < LAST_SAVES; tries += 1) {
    if (tries > 0) await pause(clock, retryMs, signal);
    await end(outcome);
  }
  const other = journal.takenBy;
  if (other === undefined) return { how: 'ended', run: journal.run };
  if (!hasBegun) return { how: 'taken', run: other };
  return { how: 'ended', run: other.record.status === 'killed' ? other : journal.run };
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
