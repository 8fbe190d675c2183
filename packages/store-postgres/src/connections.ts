import { Pool } from 'pg';
import { misconfigured } from './options.ts';
import type { PgPool, PostgresStoreSettings } from './options.ts';

export interface Connections {
  readonly pool: PgPool;
  /** Closes what was opened here. */
  readonly release: () => Promise<void>;
}

/**
 * A connection keeps its plans. One that was made while a table was tiny reads the whole of it, and goes on doing so while
 * the table grows, until the server has counted it anew: so all plans are by index.
 */
const BY_INDEX = '-c enable_seqscan=off';

/** The pool's own limit ends after the store's, so that it is the store that says what was waited for. */
const POOL_MARGIN_MS = 250;

export function connectionsOf(settings: PostgresStoreSettings): Connections {
  if (settings.pool !== undefined) return { pool: settings.pool, release: async () => {} };
  if (settings.dataSource !== undefined) {
    const { dataSource } = settings;
    if (dataSource.options.type !== 'postgres') throw misconfigured('dataSource must be of type postgres');
    if (!dataSource.isInitialized) throw misconfigured('dataSource must be initialized first');
    return { pool: (dataSource.driver as unknown as { readonly master: PgPool }).master, release: async () => {} };
  }
  const pool = new Pool({
    connectionString: withOptions(settings.url ?? ''),
    options: BY_INDEX,
    max: settings.poolSize,
    connectionTimeoutMillis: settings.connectionTimeoutMs + POOL_MARGIN_MS,
    statement_timeout: settings.statementTimeoutMs,
    idle_in_transaction_session_timeout: settings.statementTimeoutMs,
    application_name: settings.applicationName,
    keepAlive: true,
  });
  return { pool, release: () => pool.end() };
}

/** What a URL says of `options` takes the place of all others. */
function withOptions(url: string): string {
  const given = /[?&]options=([^&]*)/.exec(url);
  return given === null ? url : url.replace(given[0], `${given[0]}${encodeURIComponent(` ${BY_INDEX}`)}`);
}
