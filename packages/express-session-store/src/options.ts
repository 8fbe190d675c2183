import { StoreError, systemClock } from '@mooring/session-store';
import type { Clock, SessionStore } from '@mooring/session-store';

export interface ExpressSessionStoreOptions {
  readonly sessions: SessionStore;
  /**
   * The tenant that the sessions are kept under. `all`, `length` and `clear` read every session of it, so give one to
   * each application.
   */
  readonly tenantId: string;
  /**
   * Milliseconds without use after which a session is dead when its cookie has no `maxAge` (a cookie has priority).
   * Default 1,800,000 (30 minutes).
   */
  readonly idleTimeoutMs?: number;
  /**
   * Milliseconds after which a session is dead whatever its use, and whatever its cookie says; 1 to 34,560,000,000
   * (400 days). Default 43,200,000 (12 hours).
   */
  readonly lifetimeMs?: number;
  /**
   * The least time between two writes that only say that a session was used; never more than a tenth of the session's
   * idle timeout. A session may end by as much early. Default 60,000.
   */
  readonly touchIntervalMs?: number;
  /** Tells how long ago a session was read. Default: the process's. Deadlines are the store's. */
  readonly clock?: Clock;
}

export type ExpressSessionStoreSettings = Required<ExpressSessionStoreOptions>;

const LONGEST_MS = 34_560_000_000;

/** @throws StoreError `misconfigured` */
export function settingsFrom(options: ExpressSessionStoreOptions): ExpressSessionStoreSettings {
  const settings: ExpressSessionStoreSettings = {
    sessions: options.sessions,
    tenantId: options.tenantId,
    idleTimeoutMs: options.idleTimeoutMs ?? 1_800_000,
    lifetimeMs: options.lifetimeMs ?? 43_200_000,
    touchIntervalMs: options.touchIntervalMs ?? 60_000,
    clock: options.clock ?? systemClock,
  };
  duration('idleTimeoutMs', settings.idleTimeoutMs, 1);
  duration('lifetimeMs', settings.lifetimeMs, 1);
  duration('touchIntervalMs', settings.touchIntervalMs, 0);
  return settings;
}

function duration(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= LONGEST_MS) return;
  const message = `${name} must be a whole number from ${least} to ${LONGEST_MS} milliseconds`;
  throw new StoreError({ code: 'misconfigured', backend: 'express-session', operation: 'options', message });
}
