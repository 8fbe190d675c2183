import { StoreError, systemClock } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import { TimeLimit } from '@mooring/session-store/adapter';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import { BACKEND, translate } from './errors.ts';
import { migrations } from './migrations/index.ts';
import { openPool } from './open-pool.ts';
import type { PgClient } from './open-pool.ts';
import { DEFAULTS } from './options.ts';
import { MIGRATIONS_TABLE } from './schema-migrator.ts';

/** What an operator may want to know of a database before a store is opened on it. */
export interface PostgresInspection {
  readonly version: string;
  readonly latencyMs: number;
  /** How far the server's clock is ahead of this process's, exact to half of `latencyMs`. */
  readonly clockAheadMs: number;
  /** A standby, or made so: nothing can be written. */
  readonly readOnly: boolean;
  readonly schema: SchemaVersion;
  /** By name, in their order. `unknown` ones are of a later version. */
  readonly migrations: {
    readonly applied: readonly string[];
    readonly missing: readonly string[];
    readonly unknown: readonly string[];
  };
}

export interface PostgresInspectionOptions {
  readonly url: string;
  /** The longest wait for the connection, and for each answer. Default 2000. */
  readonly timeoutMs?: number;
  readonly clock?: Pick<Clock, 'now'>;
}

const ABOUT = `
  select current_setting('server_version') as version,
    pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as read_only,
    to_regclass($1) is not null as has_migrations`;
const TIME = `select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;

/** Looks at a database and changes nothing in it. Rejects with a `StoreError`. */
export async function inspectPostgres(options: PostgresInspectionOptions): Promise<PostgresInspection> {
  const { url, timeoutMs = DEFAULTS.connectionTimeoutMs, clock = systemClock } = options;
  const limits = { statementTimeoutMs: timeoutMs, connectionTimeoutMs: timeoutMs };
  let pool;
  let client: PgClient | undefined;
  try {
    pool = openPool({ url, poolSize: 1, applicationName: 'mooring-inspect', ...limits });
    pool.on('error', ignore);
    client = await pool.connect();
    client.on('error', ignore);
    return await inspect(asking(client, timeoutMs), clock);
  } catch (cause) {
    throw isTimeout(cause) ? noConnection(timeoutMs) : translate('inspect', cause, client !== undefined).error;
  } finally {
    client?.release(true);
    await pool?.end();
  }
}

async function inspect(rowsOf: RowsOf, clock: Pick<Clock, 'now'>): Promise<PostgresInspection> {
  const about = await rowsOf<{ version: string; read_only: boolean; has_migrations: boolean }>(ABOUT, [
    MIGRATIONS_TABLE,
  ]);
  const { version = '', read_only: readOnly = false, has_migrations: hasMigrations = false } = about[0] ?? {};
  const sentAt = clock.now();
  const started = performance.now();
  const [time] = await rowsOf<{ ms: number }>(TIME);
  const latencyMs = performance.now() - started;
  const applied = hasMigrations
    ? (await rowsOf<{ name: string }>(`select name from ${MIGRATIONS_TABLE} order by timestamp`)).map(
        ({ name }) => name,
      )
    : [];
  const known = migrations.map(({ name }) => name);
  const missing = known.filter((name) => !applied.includes(name));
  return {
    version,
    latencyMs,
    clockAheadMs: (time?.ms ?? 0) - (sentAt + latencyMs / 2),
    readOnly,
    schema: {
      found: missing.length > 0 ? known.length - missing.length : applied.length,
      wanted: known.length,
    },
    migrations: {
      applied,
      missing,
      unknown: applied.filter((name) => !known.includes(name)),
    },
  };
}

type RowsOf = <Row>(text: string, values?: unknown[]) => Promise<readonly Row[]>;

/** The server's own limit is of no use where the line to it is dead. */
function asking(client: PgClient, timeoutMs: number): RowsOf {
  const answers = new TimeLimit(timeoutMs);
  return async <Row>(text: string, values: unknown[] = []) => {
    const answer = await answers.of(client.query(text, values), () => noAnswer(timeoutMs));
    return answer.rows as readonly Row[];
  };
}

/** The pool's own limit has no code. */
function isTimeout(cause: unknown): boolean {
  return cause instanceof Error && !('code' in cause) && /timeout/.test(cause.message);
}

function noConnection(timeoutMs: number): StoreError {
  return timeout(`no connection to the server within ${timeoutMs} ms`);
}

function noAnswer(timeoutMs: number): StoreError {
  return timeout(`no answer of the server within ${timeoutMs} ms`);
}

function timeout(message: string): StoreError {
  return new StoreError({ code: 'timeout', message, backend: BACKEND, operation: 'inspect', outcome: 'not_applied' });
}

function ignore(): void {}
