import type { RunEnd, RunFailure, RunProgress, RunRecord } from '@mooring/session-sweeper';
import type { CronSchedule } from '../schedule/cron-schedule.ts';

export interface TaskOutcome {
  readonly ended: RunEnd;
  /** Rows deleted or sessions closed; in a dry run, those that would be. */
  readonly removed: number;
  /** What there is to say of it: what the task itself reports. */
  readonly report: RunRecord['report'];
  readonly failure?: RunFailure;
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
  readonly progress: (progress: RunProgress) => void;
  /**
   * What it did, told while the lease is held still and waited for: whoever has the lease next finds a run that is over. Not
   * called in a dry run, nor where it failed with an error.
   */
  readonly ended: (outcome: TaskOutcome) => Promise<void>;
}

/** Work that is due now and then, once for all processes. Its own lease sees to it that one is at it at a time. */
export interface Task {
  /** In URLs and metrics. */
  readonly name: string;
  readonly description: string;
  readonly schedule: CronSchedule;
  /** Failures of stores and services are outcomes. */
  run(run: TaskRun): Promise<TaskOutcome>;
  /** A run that was due, and that another process did: for metrics of how things are. */
  seen(run: RunRecord): void;
}
