import type { SchemaVersion } from '@mooring/session-store/adapter';
import type { PgPool } from '@mooring/store-postgres/client';
import { misconfigured } from '../errors.ts';

/** Exactly one of `url` and `pool`. A pool that was passed in is never closed. */
export interface PostgresCatalogOptions {
  /** `postgres://user:password@host:5432/database`. The catalog opens a pool of its own and closes it. */
  readonly url?: string;
  /** A ready `pg` Pool, as the session store may use it, too. `poolSize` and `applicationName` do nothing then. */
  readonly pool?: PgPool;
  /** Separates catalogs that share a database. Part of every key. Default `mooring`. */
  readonly namespace?: string;
  /** The most connections of the catalog's own pool, 1 to 1000. Default 5. */
  readonly poolSize?: number;
  /** The longest that the server may take for one statement, 100 to 600,000. Default 5000. */
  readonly statementTimeoutMs?: number;
  /** The longest wait for a connection, a free one or a new one, 50 to 600,000. Default 2000. */
  readonly connectionTimeoutMs?: number;
  /** Shown in `pg_stat_activity`. Default `mooring-catalog`. */
  readonly applicationName?: string;
  /** Brings the schema up to date first. Default true. */
  readonly migrate?: boolean;
  /** Is told from which version to which the tables were brought, where they were behind. */
  readonly onMigrated?: ((version: SchemaVersion) => void) | undefined;
}

export const DEFAULTS = {
  namespace: 'mooring',
  poolSize: 5,
  statementTimeoutMs: 5000,
  connectionTimeoutMs: 2000,
  applicationName: 'mooring-catalog',
  migrate: true,
};

export type PostgresCatalogSettings = PostgresCatalogOptions & typeof DEFAULTS;

/** The options with defaults. @throws EngineError `misconfigured`, which says what is wrong */
export function settingsOf(options: PostgresCatalogOptions): PostgresCatalogSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...given } as PostgresCatalogSettings;
  const { url, pool, namespace } = settings;
  if ((url === undefined) === (pool === undefined)) throw misconfigured('give exactly one of url and pool');
  if (typeof namespace !== 'string' || !/^[^\p{Cc}\p{Cs}]{1,256}$/u.test(namespace)) {
    throw misconfigured('namespace must be 1 to 256 characters without control characters');
  }
  requireWhole('poolSize', settings.poolSize, 1, 1000);
  requireWhole('statementTimeoutMs', settings.statementTimeoutMs, 100, 600_000);
  requireWhole('connectionTimeoutMs', settings.connectionTimeoutMs, 50, 600_000);
  return settings;
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw misconfigured(`${name} must be a whole number from ${least} to ${most}`);
  }
}
