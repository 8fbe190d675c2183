import type { JsonValue } from '@mooring/session-store';
import type { CronSchedule } from '../schedule/cron-schedule.ts';

/**
 * How a run ended. `incomplete`: its time was over, the next run goes on. `held`: another process is at it, so nothing was
 * done. `aborted`: this process was told to stop.
 */
export type RunEnd = 'done' | 'incomplete' | 'failed' | 'aborted' | 'held';

export interface TaskFailure {
  readonly code: string;
  /** For an operator; without keys, tokens or statements. */
  readonly message: string;
}

export interface TaskOutcome {
  readonly ended: RunEnd;
  /** Rows deleted or sessions closed; in a dry run, those that would be. */
  readonly removed: number;
  /** What there is to say of it: what the task itself reports. */
  readonly report: { readonly [name: string]: JsonValue };
  readonly failure?: TaskFailure;
}

export interface TaskProgress {
  /** What is being worked on, such as `sessions`. */
  readonly step: string;
  readonly removed: number;
}

export interface TaskRun {
  /** Counts and changes nothing. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /**
   * It is this process's turn: the lease is held. To be waited for before anything is done, since it aborts `signal` when
   * another process has done it. Not called in a dry run.
   */
  readonly begun: () => Promise<void>;
  readonly progress: (progress: TaskProgress) => void;
}

/** Work that is due now and then, once for all processes. Its own lease sees to it that one is at it at a time. */
export interface Task {
  /** In URLs and metrics. */
  readonly name: string;
  readonly description: string;
  readonly schedule: CronSchedule;
  /** Failures of stores and services are outcomes. */
  run(run: TaskRun): Promise<TaskOutcome>;
}
