import type { EpochMs, JsonValue, SessionData } from '@mooring/session-store';

export type RunTrigger = 'schedule' | 'request' | 'once';

/**
 * How a run ended. `incomplete`: its time was over, the next run goes on. `held`: another process is at it, so nothing was
 * done. `aborted`: this process was told to stop.
 */
export type RunEnd = 'done' | 'incomplete' | 'failed' | 'aborted' | 'held';

/**
 * `waiting`: nobody is at it yet, because another run has the lease. `skipped`: and nobody got to it. `killed`: somebody ended
 * it, and nobody goes on with it.
 */
export type RunStatus = 'waiting' | 'running' | Exclude<RunEnd, 'held'> | 'skipped' | 'killed';

export interface RunFailure {
  readonly code: string;
  /** For an operator; without keys, tokens or statements. */
  readonly message: string;
}

export interface RunProgress {
  /** What is being worked on, such as `sessions`. */
  readonly step: string;
  readonly removed: number;
}

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
  readonly progress: RunProgress | null;
  readonly removed: number;
  readonly report: { readonly [name: string]: JsonValue };
  readonly failure: RunFailure | null;
}

/** Whether a scheduled run needs nobody any more. One that was told to stop is for another process to go on with. */
export function isRunOver({ status }: Pick<RunRecord, 'status'>): boolean {
  return status !== 'waiting' && status !== 'running' && status !== 'aborted';
}

export function hasRunSucceeded({ status, dryRun }: RunRecord): boolean {
  return !dryRun && (status === 'done' || status === 'incomplete');
}

export function toData(record: RunRecord): SessionData {
  return record as unknown as SessionData;
}

export function fromData(data: SessionData): RunRecord {
  return data as unknown as RunRecord;
}
