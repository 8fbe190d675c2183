import type { AttemptPolicy } from '@mooring/session-store';
import { wholeNumber } from './options.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** As good as for ever: until somebody unlocks the account. */
const DISABLED_MS = 400 * DAY_MS;

const DOUBLING = [1, 2, 4, 8, 16, 32, 60].map((minutes) => minutes * MINUTE_MS);

export interface LoginGuardOptions {
  /** An account from one address. Default: 5 failures within 15 minutes lock it for 1, 2, 4, … 60 minutes. */
  readonly accountAddress?: AttemptPolicy;
  /**
   * An account from everywhere. Default: 20 failures in a row lock it for a minute, each further one for longer, up to an
   * hour, and 100 until it is unlocked (NIST SP 800-63B-4 section 3.2.2 allows no more).
   */
  readonly account?: AttemptPolicy;
  /** All accounts from one address. Default: 100 failures within 15 minutes lock it for 1, 5, 15, 60 minutes. */
  readonly address?: AttemptPolicy;
  /** Failures of an account from one address after which answers are delayed. Default 3. */
  readonly delayFrom?: number;
  /** The first delay; it doubles with each failure. Default 250. */
  readonly delayMs?: number;
  /** The longest delay. Default 2000. */
  readonly maxDelayMs?: number;
  /** The stretch in which no more attempts start than failures are allowed; longer than checking a password. Default 10,000. */
  readonly burstWindowMs?: number;
}

export const LOGIN_DEFAULTS = {
  accountAddress: { limit: 5, windowMs: 15 * MINUTE_MS, lockStepsMs: DOUBLING, resetAfterMs: DAY_MS } as AttemptPolicy,
  account: {
    limit: 20,
    windowMs: 30 * DAY_MS,
    // The 20th failure is the first lock, each further one the next: the 100th is the 81st.
    lockStepsMs: [...DOUBLING, ...Array.from({ length: 80 - DOUBLING.length }, () => HOUR_MS), DISABLED_MS],
    resetAfterMs: 30 * DAY_MS,
  } as AttemptPolicy,
  address: {
    limit: 100,
    windowMs: 15 * MINUTE_MS,
    lockStepsMs: [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS],
    resetAfterMs: DAY_MS,
  } as AttemptPolicy,
  delayFrom: 3,
  delayMs: 250,
  maxDelayMs: 2000,
  burstWindowMs: 10 * SECOND_MS,
};

export type LoginGuardSettings = typeof LOGIN_DEFAULTS;

/** @throws AuthTokenError */
export function guardSettingsOf(options: LoginGuardOptions): LoginGuardSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: LoginGuardSettings = { ...LOGIN_DEFAULTS, ...given };
  for (const name of ['accountAddress', 'account', 'address'] as const) {
    const { limit, windowMs, lockStepsMs, resetAfterMs } = settings[name];
    wholeNumber(`${name}.limit`, limit, 1, 10_000);
    wholeNumber(`${name}.windowMs`, windowMs, 1, DISABLED_MS);
    wholeNumber(`${name}.resetAfterMs`, resetAfterMs, 1, DISABLED_MS);
    wholeNumber(`${name}.lockStepsMs.length`, lockStepsMs.length, 1, 100);
    for (const step of lockStepsMs) wholeNumber(`${name}.lockStepsMs`, step, 1, DISABLED_MS);
  }
  wholeNumber('delayFrom', settings.delayFrom, 1, 10_000);
  wholeNumber('delayMs', settings.delayMs, 0, 60_000);
  wholeNumber('maxDelayMs', settings.maxDelayMs, 0, 60_000);
  wholeNumber('burstWindowMs', settings.burstWindowMs, 1, HOUR_MS);
  return settings;
}
