import { explainStoreError } from '@mooring/nest-session-store';
import type { ServerPlace } from '@mooring/nest-session-store';
import type { StoreError } from '@mooring/session-store';

/** `skipped`: it could not be looked at, because of another finding or because nothing of it is configured. */
export type FindingStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** What one check found. Holds no password, token or URL with one. */
export interface Finding {
  /** Stable, such as `database`. */
  readonly check: string;
  readonly status: FindingStatus;
  readonly found: string;
  /** What to do about it; of warnings and failures. */
  readonly remedy?: string;
}

export function ok(check: string, found: string): Finding {
  return { check, status: 'ok', found };
}

export function skipped(check: string, found: string): Finding {
  return { check, status: 'skipped', found };
}

export function warning(check: string, found: string, remedy: string): Finding {
  return { check, status: 'warning', found, remedy };
}

export function failed(check: string, found: string, remedy: string): Finding {
  return { check, status: 'failed', found, remedy };
}

/** What a store failed with, at this place. */
export function storeFailed(check: string, error: StoreError, place: ServerPlace): Finding {
  const { problem, remedy } = explainStoreError(error, place);
  return failed(check, problem, remedy);
}
