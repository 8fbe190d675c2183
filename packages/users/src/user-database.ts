import { Pool } from 'pg';
import type { PoolClient, QueryResultRow } from 'pg';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import { translate } from './errors.ts';
import { migrate } from './schema-migrator.ts';

/** A statement with a fixed name: prepared once on each connection, then only bound and executed. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface UserDatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  /** What the server calls its connections. */
  readonly applicationName: string;
  /** The longest wait for a connection, a free one or a new one. Default 2000. */
  readonly connectionTimeoutMs?: number;
  /** The longest that the server may take for one statement. Default 5000. */
  readonly statementTimeoutMs?: number;
  /** Is told from which version to which the schema was brought, where it was behind. */
  readonly onMigrated?: (version: SchemaVersion) => void;
}

const DEFAULTS = { connectionTimeoutMs: 2000, statementTimeoutMs: 5000 };
/** How much longer the client waits for a server that does not answer at all. */
const ANSWER_MARGIN_MS = 1000;
/** Any number that is the same in all processes. */
const CHANGE_LOCK = 7_663_714_648;

type Row = QueryResultRow;

/** The users' PostgreSQL. Every failure is a `UserDatabaseError`. */
export class UserDatabase {
  private constructor(private readonly pool: Pool) {
    // Without a listener, the loss of an idle connection would end the process.
    pool.on('error', ignore);
  }

  /** With its schema up to date. Whoever opens it closes it. */
  static async open(options: UserDatabaseOptions): Promise<UserDatabase> {
    const { url, poolSize, applicationName, connectionTimeoutMs, statementTimeoutMs } = { ...DEFAULTS, ...options };
    const version = await migrate(url);
    if (version.found < version.wanted) options.onMigrated?.(version);
    return new UserDatabase(
      new Pool({
        connectionString: url,
        max: poolSize,
        connectionTimeoutMillis: connectionTimeoutMs,
        statement_timeout: statementTimeoutMs,
        query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS,
        application_name: applicationName,
      }),
    );
  }

  async all<R extends Row>(statement: Statement, values: unknown[]): Promise<R[]> {
    try {
      const { rows } = await this.pool.query<R>({ ...statement, values });
      return rows;
    } catch (cause) {
      throw translate(statement.name, cause);
    }
  }

  async one<R extends Row>(statement: Statement, values: unknown[]): Promise<R | undefined> {
    return (await this.all<R>(statement, values))[0];
  }

  /**
   * One statement that no other of these runs beside, in any process, and that sees what those before it did: for what
   * depends on other users than the one that it changes.
   */
  async oneAlone<R extends Row>(statement: Statement, values: unknown[]): Promise<R | undefined> {
    let client: PoolClient | undefined;
    let failed = true;
    try {
      client = await this.pool.connect();
      client.on('error', ignore);
      await client.query('begin');
      await client.query('select pg_advisory_xact_lock($1::bigint)', [CHANGE_LOCK]);
      const { rows } = await client.query<R>({ ...statement, values });
      await client.query('commit');
      failed = false;
      return rows[0];
    } catch (cause) {
      throw translate(statement.name, cause);
    } finally {
      client?.removeListener('error', ignore);
      // A connection that failed is closed, and its transaction with it.
      client?.release(failed);
    }
  }

  async ping(): Promise<void> {
    await this.all({ name: 'users-ping', text: 'select 1' }, []);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

function ignore(): void {}
