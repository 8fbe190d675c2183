import type { EpochMs, StoreErrorCode, SweepTarget } from '@mooring/session-store';

/**
 * Why the work on a target ended. `drained`: nothing more was due. `time`: its time was over. `aborted`: the caller said
 * so. `lease_held`: another sweeper is at it. `lease_lost`: another one may be at it by now. `counted`: a dry run.
 */
export type SweepEnd = 'drained' | 'counted' | 'time' | 'aborted' | 'lease_held' | 'lease_lost' | 'failed';

/** What the store failed with. Its message holds no key, no token and no data. */
export interface SweepFailure {
  readonly code: StoreErrorCode;
  readonly retryable: boolean;
  readonly message: string;
}

export interface TargetReport {
  readonly target: SweepTarget;
  readonly ended: SweepEnd;
  /** Rows deleted; in a dry run, rows that would be. After a retry it may be too few by a batch. */
  readonly deleted: number;
  /** More was due when it ended. */
  readonly more: boolean;
  readonly batches: number;
  readonly retries: number;
  readonly durationMs: number;
  /** How long the oldest row had been due: null when none was, or none was looked at. */
  readonly oldestExpiredAgeMs: {
    readonly before: number | null;
    /** After a dry run, a failure or an abort: as last seen. */
    readonly after: number | null;
  };
  /** Only when it `failed`. */
  readonly failure?: SweepFailure;
}

export interface SweepReport {
  readonly dryRun: boolean;
  readonly startedAt: EpochMs;
  readonly durationMs: number;
  /** Rows of all targets. */
  readonly deleted: number;
  /** Under which every batch went; null without a lease. */
  readonly fencingToken: number | null;
  readonly targets: readonly TargetReport[];
}

/** After each batch. */
export interface SweepProgress {
  readonly target: SweepTarget;
  readonly deleted: number;
  readonly batches: number;
  readonly more: boolean;
  readonly oldestExpiredAgeMs: number | null;
}
