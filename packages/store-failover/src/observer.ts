import type { EpochMs, StoreErrorCode } from '@mooring/session-store';

export interface FailoverState {
  /** `degraded`: the accelerator is not asked, every call goes to the authority. */
  readonly mode: 'accelerated' | 'degraded';
  /** What the accelerator failed with; null while it is asked. */
  readonly reason: StoreErrorCode | 'unknown' | null;
  /** Since when, by the process's clock. */
  readonly since: EpochMs;
}

/**
 * `hit`: a copy answered. `miss`: it was looked for, and the authority answered. `bypass`: copies could not be used.
 * `failure`: a call of the accelerator failed. `epoch_begun` and `epoch_ended`: by this process. `wait`: a change was
 * answered late, since a copy could not be deleted.
 */
export type FailoverEvent = 'hit' | 'miss' | 'bypass' | 'failure' | 'epoch_begun' | 'epoch_ended' | 'wait';

/** For metrics. What it throws is ignored. */
export interface FailoverObserver {
  onEvent?(event: FailoverEvent): void;
  /** For a gauge: with each change of `mode` or `reason`, and once at the start. */
  onStateChange?(state: FailoverState): void;
}

/** Tells an observer, and is safe from it. */
export class Telling {
  constructor(private readonly observer: FailoverObserver) {}

  event(event: FailoverEvent): void {
    try {
      this.observer.onEvent?.(event);
    } catch {
      // Metrics are no reason to fail.
    }
  }

  state(state: FailoverState): void {
    try {
      this.observer.onStateChange?.(state);
    } catch {
      // Metrics are no reason to fail.
    }
  }
}
