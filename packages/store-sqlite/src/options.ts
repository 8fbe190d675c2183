import { StoreError } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import { BACKEND } from './errors.ts';

export interface SqliteStoreOptions {
  /** Path of the database file, on a local disk. Its folder must exist; the file is created with mode 0600. */
  readonly file: string;
  /** Separates stores that share a file. Part of every key. */
  readonly namespace: string;
  /** Replaces the process's clock, for tests. */
  readonly clock?: Pick<Clock, 'now'>;
  /**
   * `full` (default): an acknowledged write survives a power failure; each commit waits for the disk. `normal`: it
   * survives the end of the process, however sudden, but the last commits may go with the power.
   */
  readonly synchronous?: 'full' | 'normal';
  /** The longest wait for other processes that write, 10 to 600,000. Default 5000. The event loop runs meanwhile. */
  readonly busyTimeoutMs?: number;
  /** The most writes that wait in this process; more are refused as `throttled`. 1 to 1,000,000, default 10,000. */
  readonly maxWaiting?: number;
  /** Is told from which version to which the tables were brought, where they were behind. */
  readonly onMigrated?: ((version: SchemaVersion) => void) | undefined;
  /** The most bytes of a session's data, as UTF-8 JSON. 1024 to 16,777,216, default 262,144. */
  readonly maxDataBytes?: number;
}

export const DEFAULTS = {
  synchronous: 'full' as 'full' | 'normal',
  busyTimeoutMs: 5000,
  maxWaiting: 10_000,
  maxDataBytes: 262_144,
};

export type SqliteStoreSettings = SqliteStoreOptions & Required<Pick<SqliteStoreOptions, keyof typeof DEFAULTS>>;

const LONGEST_NAMESPACE = 256;

/** The options with defaults, or a `misconfigured` that says which one is wrong. */
export function settingsOf(options: SqliteStoreOptions): SqliteStoreSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...given } as SqliteStoreSettings;
  requireText('namespace', settings.namespace, LONGEST_NAMESPACE);
  requireText('file', settings.file, 4096);
  if (settings.file === ':memory:' || settings.file.startsWith('file:')) {
    throw misconfigured('file must be the path of a file; use the memory store for a store without one');
  }
  if (settings.synchronous !== 'full' && settings.synchronous !== 'normal') {
    throw misconfigured('synchronous must be full or normal');
  }
  requireWhole('busyTimeoutMs', settings.busyTimeoutMs, 10, 600_000);
  requireWhole('maxWaiting', settings.maxWaiting, 1, 1_000_000);
  requireWhole('maxDataBytes', settings.maxDataBytes, 1024, 16_777_216);
  return settings;
}

function requireText(name: string, value: unknown, longest: number): void {
  if (typeof value !== 'string' || value.length === 0 || value.length > longest || /\p{Cc}|\p{Cs}/u.test(value)) {
    throw misconfigured(`${name} must be 1 to ${longest} characters without control characters`);
  }
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw misconfigured(`${name} must be a whole number from ${least} to ${most}`);
  }
}

export function misconfigured(message: string, cause?: unknown): StoreError {
  return new StoreError({ code: 'misconfigured', message, backend: BACKEND, operation: 'create', cause });
}
