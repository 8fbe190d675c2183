import { serveControl } from './control.ts';
import { DatabaseConnections } from './database-connections.ts';
import { LocalError } from './errors.ts';
import { Faults } from './faults.ts';
import { DataApiServer } from './http-server.ts';
import type { OperationName } from './operation-names.ts';
import { createOperations } from './operations/operations.ts';
import { resolveLimits } from './options.ts';
import type { RedshiftDataLocalOptions } from './options.ts';
import { Sessions } from './sessions.ts';
import { StatementJournal } from './statement-journal.ts';
import { StatementRunner } from './statement-runner.ts';
import { Statements } from './statements.ts';

export interface LocalStats {
  /** Calls by operation, refused ones included. */
  readonly operations: Readonly<Record<OperationName, number>>;
  readonly sessionsOpened: number;
  readonly sessionsOpen: number;
  /** The most sessions that were open at once. */
  readonly sessionsMostOpen: number;
  /** Connections to PostgreSQL, those of sessions included. */
  readonly connectionsOpened: number;
  /** Statements that have not ended. */
  readonly statementsRunning: number;
  /** DescribeStatement and GetStatementResult calls that wait for the end of a statement. */
  readonly longPollsWaiting: number;
  /** More than 1 would be a defect of this server. */
  readonly maxConcurrentStatementsPerSession: number;
}

/** A running server. */
export interface RedshiftDataLocal {
  /** What to give an SDK as its endpoint. */
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  stats(): LocalStats;
  /** Closes a session as the service does when it reclaims one early. False when it is not open. */
  loseSession(id: string): boolean;
  close(): Promise<void>;
}

/**
 * Starts the Data API on a real PostgreSQL.
 * @throws LocalError `invalid_option`, `port_in_use`, or `postgres_unreachable`, each with what to do.
 */
export async function startRedshiftDataLocal(options: RedshiftDataLocalOptions): Promise<RedshiftDataLocal> {
  const { clock = Date, port: wanted = 0 } = options;
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    throw new LocalError('invalid_option', 'The port must be a whole number from 0 to 65535.');
  }
  const now = (): number => clock.now();
  const limits = resolveLimits(options.limits);
  const faults = new Faults(options.faults);
  const connections = new DatabaseConnections(options.postgresUrl, {
    passwords: options.databaseUsers ?? {},
    create: options.createUsers ?? true,
    readAllData: options.readAllData ?? true,
  });
  await assertReachable(connections);
  const sessions = new Sessions(limits, faults, now);
  const keptFrom = now() - Math.max(limits.retentionMs, limits.clientTokenRetentionMs);
  const journal = options.journal === undefined ? undefined : StatementJournal.open(options.journal, keptFrom);
  const statements = new Statements(limits, now, journal);
  const runner = new StatementRunner(connections, sessions, faults, limits, now);
  const operations = createOperations({ options, limits, faults, now, sessions, statements, runner, connections });
  const stats = (): LocalStats => ({
    operations: { ...server.calls },
    sessionsOpened: sessions.opened,
    sessionsOpen: sessions.active().length,
    sessionsMostOpen: sessions.mostOpen,
    connectionsOpened: connections.opened,
    statementsRunning: statements.active().length,
    longPollsWaiting: statements.active().reduce((sum, { waiting }) => sum + waiting, 0),
    maxConcurrentStatementsPerSession: runner.mostInSession,
  });
  const loseSession = (id: string): boolean => sessions.lose(id);
  const server: DataApiServer = new DataApiServer(operations, faults, options, now, async (request, response) =>
    options.controlEndpoints === true ? serveControl({ faults, stats, loseSession }, request, response) : false,
  );
  const port = await server.listen();
  const { host = '127.0.0.1' } = options;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    faults,
    stats,
    loseSession,
    async close() {
      await server.close();
      await Promise.all(statements.active().map((statement) => runner.cancel(statement).catch(() => undefined)));
      await sessions.closeAll();
      await runner.settled();
      journal?.close();
    },
  };
}

async function assertReachable(connections: DatabaseConnections): Promise<void> {
  try {
    await connections.asAdmin(async (client) => {
      const { rows } = await client.query<{ super: boolean }>(
        'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
      );
      if (rows[0]?.super !== true) throw new Error('its user is no superuser, which creating database users takes');
    });
  } catch (error) {
    throw new LocalError(
      'postgres_unreachable',
      `The PostgreSQL URL does not work: ${(error as Error).message}. Give the URL of a superuser of a running PostgreSQL.`,
      error,
    );
  }
}
