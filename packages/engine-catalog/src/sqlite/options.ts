import type { SchemaVersion } from '@mooring/session-store/adapter';
import { misconfigured } from '../errors.ts';

export interface SqliteCatalogOptions {
  /** Path of the database file, on a local disk. Its folder must exist; the file is created with mode 0600. */
  readonly file: string;
  /** The longest wait for other processes that write, 10 to 600,000. Default 5000. The event loop runs meanwhile. */
  readonly busyTimeoutMs?: number;
  /** Is told from which version to which the tables were brought, where they were behind. */
  readonly onMigrated?: ((version: SchemaVersion) => void) | undefined;
}

export const DEFAULTS = { busyTimeoutMs: 5000 };

export type SqliteCatalogSettings = SqliteCatalogOptions & typeof DEFAULTS;

/** The options with defaults. @throws EngineError `misconfigured`, which says what is wrong */
export function settingsOf(options: SqliteCatalogOptions): SqliteCatalogSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...given } as SqliteCatalogSettings;
  const { file, busyTimeoutMs } = settings;
  if (typeof file !== 'string' || !/^[^\p{Cc}\p{Cs}]{1,4096}$/u.test(file)) {
    throw misconfigured('file must be 1 to 4096 characters without control characters');
  }
  if (file === ':memory:' || file.startsWith('file:')) {
    throw misconfigured('file must be the path of a file; MemoryCatalogStore is a catalog without one');
  }
  if (!Number.isInteger(busyTimeoutMs) || busyTimeoutMs < 10 || busyTimeoutMs > 600_000) {
    throw misconfigured('busyTimeoutMs must be a whole number from 10 to 600000');
  }
  return settings;
}
