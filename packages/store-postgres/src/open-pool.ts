import { Pool } from 'pg';

/** What is run: a named prepared statement, or plain text while migrating. */
export interface PgQuery {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
  readonly types?: { getTypeParser(oid: number, format?: string): (value: string) => unknown };
}

/** The part of a `pg` client that is used. */
export interface PgClient {
  query(query: PgQuery): Promise<{ readonly rows: readonly unknown[] }>;
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  /** Gives the client back; with `true` its connection is closed. */
  release(destroy?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  listenerCount(event: 'error', listener: (error: Error) => void): number;
}

/** The part of a `pg` Pool that is used. */
export interface PgPool {
  connect(): Promise<PgClient>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  end(): Promise<void>;
  readonly totalCount?: number;
  readonly idleCount?: number;
  readonly waitingCount?: number;
  readonly options?: { readonly max?: number };
}

export interface PoolSettings {
  /** `postgres://user:password@host:5432/database`. */
  readonly url: string;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly connectionTimeoutMs: number;
  readonly applicationName: string;
}

/** The pool's own limit ends after that of who waits, who says what was waited for. */
const POOL_MARGIN_MS = 250;
/**
 * A connection keeps its plans. One that was made while a table was tiny reads the whole of it, and goes on doing so while
 * the table grows, until the server has counted it anew: so all plans are by index.
 */
const BY_INDEX = '-c enable_seqscan=off';

/** A pool whose statements and transactions end in time. Nothing is connected yet; who opens it ends it. */
export function openPool(settings: PoolSettings): PgPool {
  return new Pool({
    connectionString: withOptions(settings.url),
    options: BY_INDEX,
    max: settings.poolSize,
    connectionTimeoutMillis: settings.connectionTimeoutMs + POOL_MARGIN_MS,
    statement_timeout: settings.statementTimeoutMs,
    idle_in_transaction_session_timeout: settings.statementTimeoutMs,
    application_name: settings.applicationName,
    keepAlive: true,
  });
}

/** What a URL says of `options` takes the place of all others. */
function withOptions(url: string): string {
  const given = /[?&]options=([^&]*)/.exec(url);
  return given === null ? url : url.replace(given[0], `${given[0]}${encodeURIComponent(` ${BY_INDEX}`)}`);
}
