import { openPool } from './open-pool.ts';
import type { PgPool } from './open-pool.ts';
import { misconfigured } from './options.ts';
import type { PostgresStoreSettings } from './options.ts';

export interface Connections {
  readonly pool: PgPool;
  /** Closes what was opened here. */
  readonly release: () => Promise<void>;
}

export function connectionsOf(settings: PostgresStoreSettings): Connections {
  if (settings.pool !== undefined) return { pool: settings.pool, release: async () => {} };
  if (settings.dataSource !== undefined) {
    const { dataSource } = settings;
    if (dataSource.options.type !== 'postgres') throw misconfigured('dataSource must be of type postgres');
    if (!dataSource.isInitialized) throw misconfigured('dataSource must be initialized first');
    return { pool: (dataSource.driver as unknown as { readonly master: PgPool }).master, release: async () => {} };
  }
  const pool = openPool({ ...settings, url: settings.url ?? '' });
  return { pool, release: () => pool.end() };
}
