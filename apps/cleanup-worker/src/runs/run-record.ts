import type { EpochMs, SessionData } from '@mooring/session-store';
import type { RunEnd, TaskFailure, TaskOutcome, TaskProgress } from '../tasks/task.ts';

export type RunTrigger = 'schedule' | 'request' | 'once';

/** `waiting`: nobody is at it yet, because another run has the lease. `skipped`: and nobody got to it. */
export type RunStatus = 'waiting' | 'running' | Exclude<RunEnd, 'held'> | 'skipped';

/** What is kept of a run. Times are by the clock of the process that wrote them. */
export interface RunRecord {
  readonly task: string;
  readonly trigger: RunTrigger;
  readonly dryRun: boolean;
  /** When it was due, for a scheduled run. */
  readonly dueAt: EpochMs | null;
  readonly status: RunStatus;
  /** The process that is or was at it, as host and process id. */
  readonly instance: string;
  /** Above 1 when a process before did not end it. */
  readonly attempt: number;
  readonly startedAt: EpochMs;
  /** While it runs: the last sign of life. */
  readonly updatedAt: EpochMs;
  readonly endedAt: EpochMs | null;
  readonly progress: TaskProgress | null;
  readonly removed: number;
  readonly report: TaskOutcome['report'];
  readonly failure: TaskFailure | null;
}

/** Whether a scheduled run needs nobody any more. One that was told to stop is for another process to go on with. */
export function isOver({ status }: RunRecord): boolean {
  return status !== 'waiting' && status !== 'running' && status !== 'aborted';
}

export function succeeded({ status, dryRun }: RunRecord): boolean {
  return !dryRun && (status === 'done' || status === 'incomplete');
}

export function endedWith(record: RunRecord, outcome: TaskOutcome, now: EpochMs): RunRecord {
  const { ended, removed, report, failure = null } = outcome;
  const status = ended === 'held' ? 'skipped' : ended;
  return { ...record, status, removed, report, failure, progress: null, updatedAt: now, endedAt: now };
}

export function toData(record: RunRecord): SessionData {
  return record as unknown as SessionData;
}

export function fromData(data: SessionData): RunRecord {
  return data as unknown as RunRecord;
}
