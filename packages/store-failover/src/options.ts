import type { Clock, SessionCopies, StoreBackend } from '@mooring/session-store';
import { LONGEST_STALENESS_MS, SHORTEST_STALENESS_MS } from './epochs/epoch-record.ts';
import { misconfigured } from './errors.ts';
import type { FailoverObserver } from './observer.ts';
import { processTimer } from './timer.ts';
import type { Timer } from './timer.ts';

export interface FailoverStoreOptions {
  /** Decides everything. It is taken over: closing the store closes it. */
  readonly authority: StoreBackend;
  /** Holds copies. They are taken over too. */
  readonly copies: SessionCopies;
  /**
   * How long a process may go without asking the authority whether copies still count, 20 to 60,000. Default 1000. It is
   * also how long a change waits when its copy can't be deleted.
   */
  readonly maxStalenessMs?: number;
  /** The longest that a copy is kept, 1000 to 86,400,000. Default 300,000. */
  readonly copyTtlMs?: number;
  /** How many calls in a row must fail before the accelerator is left alone, 1 to 1000. Default 3. */
  readonly failuresToOpen?: number;
  /** How long it is left alone at first, 1 to 600,000; doubles to `longestRetryMs`. Default 1000. */
  readonly firstRetryMs?: number;
  /** Default 30,000. */
  readonly longestRetryMs?: number;
  /** The least time between two warnings, 0 to 86,400,000. Default 60,000. */
  readonly warnIntervalMs?: number;
  /** Is told which store is in use, when it starts and when the accelerator is back. */
  readonly log?: (message: string) => void;
  /** Is told that the accelerator is away, and why. */
  readonly warn?: (message: string) => void;
  readonly observer?: FailoverObserver;
  /** The clock of the authority, where it was given one: for tests. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Replaces the process's own time, for tests. */
  readonly timer?: Timer;
  /** Replaces `Math.random`, for tests. */
  readonly random?: () => number;
}

export const DEFAULTS = {
  maxStalenessMs: 1000,
  copyTtlMs: 300_000,
  failuresToOpen: 3,
  firstRetryMs: 1000,
  longestRetryMs: 30_000,
  warnIntervalMs: 60_000,
  log: (_message: string): void => {},
  warn: (_message: string): void => {},
  observer: {} as FailoverObserver,
  timer: processTimer,
  random: Math.random,
};

export type FailoverSettings = FailoverStoreOptions & Required<Pick<FailoverStoreOptions, keyof typeof DEFAULTS>>;

/** The options with defaults, or a `misconfigured` that says which one is wrong. */
export function settingsOf(options: FailoverStoreOptions): FailoverSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...given } as FailoverSettings;
  requireWhole('maxStalenessMs', settings.maxStalenessMs, SHORTEST_STALENESS_MS, LONGEST_STALENESS_MS);
  requireWhole('copyTtlMs', settings.copyTtlMs, 1000, 86_400_000);
  requireWhole('failuresToOpen', settings.failuresToOpen, 1, 1000);
  requireWhole('firstRetryMs', settings.firstRetryMs, 1, 600_000);
  requireWhole('longestRetryMs', settings.longestRetryMs, settings.firstRetryMs, 3_600_000);
  requireWhole('warnIntervalMs', settings.warnIntervalMs, 0, 86_400_000);
  return settings;
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw misconfigured(`${name} must be a whole number from ${least} to ${most}`);
  }
}
