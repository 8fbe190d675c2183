import { StoreError } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import type { DataSource } from 'typeorm';
import type { PgPool } from './open-pool.ts';
import { BACKEND } from './errors.ts';

/** Connections of a pool: those that are open, those of them that run something, and calls that wait for one. */
export interface ConnectionUsage {
  readonly open: number;
  readonly busy: number;
  readonly waiting: number;
  readonly most: number;
}

/** Exactly one of `url`, `pool` and `dataSource`. A pool or a data source that was passed in is never closed. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database`. The store opens a pool of its own and closes it. */
  readonly url?: string;
  /** A ready `pg` Pool. Its own limits and timeouts count; `poolSize` and `applicationName` do nothing. */
  readonly pool?: PgPool;
  /** An initialized TypeORM data source; the store uses the pool behind it. */
  readonly dataSource?: DataSource;
  /** Separates stores that share a database. Part of every key. */
  readonly namespace: string;
  /** Replaces the server's clock, for tests. */
  readonly clock?: Pick<Clock, 'now'>;
  /** The most connections of the store's own pool. Default 10. */
  readonly poolSize?: number;
  /** The longest that the server may take for one statement, 100 to 600,000. Default 5000. */
  readonly statementTimeoutMs?: number;
  /** The longest wait for a connection, a free one or a new one, 50 to 600,000. Default 2000. */
  readonly connectionTimeoutMs?: number;
  /** Shown in `pg_stat_activity`. Default `mooring`. */
  readonly applicationName?: string;
  /** Brings the schema up to date first. Default true. */
  readonly migrate?: boolean;
  /** Is told, by name and in order, which migrations were run when the store opened, if there were some to run. */
  readonly onMigrated?: (names: readonly string[]) => void;
  /** The most bytes of a session's data, as UTF-8 JSON. Default 262,144. */
  readonly maxDataBytes?: number;
}

export const DEFAULTS = {
  poolSize: 10,
  statementTimeoutMs: 5000,
  connectionTimeoutMs: 2000,
  applicationName: 'mooring',
  migrate: true,
  maxDataBytes: 262_144,
};

export type PostgresStoreSettings = PostgresStoreOptions & Required<Pick<PostgresStoreOptions, keyof typeof DEFAULTS>>;

/** The options with defaults, or a `misconfigured` that says which one is wrong. */
export function settingsOf(options: PostgresStoreOptions): PostgresStoreSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...given } as PostgresStoreSettings;
  const sources = [settings.url, settings.pool, settings.dataSource].filter((source) => source !== undefined);
  if (sources.length !== 1) throw misconfigured('give exactly one of url, pool and dataSource');
  const { namespace } = settings;
  if (
    typeof namespace !== 'string' ||
    namespace.length === 0 ||
    namespace.length > 256 ||
    /\p{Cc}|\p{Cs}/u.test(namespace)
  ) {
    throw misconfigured('namespace must be 1 to 256 characters without control characters');
  }
  requireWhole('poolSize', settings.poolSize, 1, 1000);
  requireWhole('statementTimeoutMs', settings.statementTimeoutMs, 100, 600_000);
  requireWhole('connectionTimeoutMs', settings.connectionTimeoutMs, 50, 600_000);
  requireWhole('maxDataBytes', settings.maxDataBytes, 1024, 16_777_216);
  return settings;
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw misconfigured(`${name} must be a whole number from ${least} to ${most}`);
  }
}

export function misconfigured(message: string): StoreError {
  return new StoreError({ code: 'misconfigured', message, backend: BACKEND, operation: 'create' });
}
