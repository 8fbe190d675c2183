import type { Client } from 'pg';
import type { DatabaseConnections } from './database-connections.ts';
import type { Faults } from './faults.ts';
import type { Limits } from './options.ts';
import { runQuery } from './query-result.ts';
import type { Session, Sessions } from './sessions.ts';
import { bindParameters } from './sql/parameters.ts';
import { hasSeveralStatements } from './sql/tokens.ts';
import { translate } from './sql/translate.ts';
import type { Statement, StatementPart } from './statement.ts';

const INTERRUPT_AGAIN_MS = 250;
const TERMINATED = 'ERROR: terminating connection due to administrator command';

/** Runs statements on PostgreSQL: in the connection of their session, or in one of their own that ends with them. */
export class StatementRunner {
  /** The most statements that ran in one session at once. More than one is a defect of this server. */
  mostInSession = 0;
  private nextQueryId = 1;
  private readonly runs = new Set<Promise<void>>();

  constructor(
    private readonly connections: DatabaseConnections,
    private readonly sessions: Sessions,
    private readonly faults: Faults,
    private readonly limits: Limits,
    private readonly now: () => number,
  ) {}

  start(statement: Statement): void {
    const { session } = statement.input;
    if (session !== undefined) this.sessions.occupy(session, statement.id, () => this.abortNow(statement));
    const run = this.run(statement).finally(() => this.runs.delete(run));
    this.runs.add(run);
  }

  /** Resolves when PostgreSQL was told. The statement ends a little later. */
  async cancel(statement: Statement): Promise<void> {
    statement.cancelRequested = true;
    if (statement.status !== 'STARTED') this.end(statement, 'ABORTED');
    else await this.interrupt(statement);
  }

  /** Resolves when nothing runs any more. */
  async settled(): Promise<void> {
    await Promise.all(this.runs);
  }

  private async run(statement: Statement): Promise<void> {
    const { session, batch } = statement.input;
    let client: Client | undefined;
    try {
      if (this.faults.pickDelayMs > 0) await pause(this.faults.pickDelayMs);
      if (statement.ended) return;
      statement.move('PICKED', this.now());
      client = await this.connectionFor(statement);
      if (statement.ended) return;
      statement.pid = processIdOf(client);
      statement.queryId = this.nextQueryId++;
      statement.move('STARTED', this.now());
      if (session !== undefined) this.mostInSession = Math.max(this.mostInSession, ++session.running);
      let isDone = true;
      if (batch) isDone = await this.runBatch(statement, client);
      else await this.runPart(statement, statement, client);
      this.end(statement, isDone ? 'FINISHED' : 'FAILED');
    } catch (error) {
      if (!statement.ended && !statement.cancelRequested) statement.error = errorText(error);
      if (session !== undefined && (client === undefined || isLost(error))) {
        session.abort = undefined;
        void this.sessions.close(session);
      }
      this.end(statement, 'FAILED');
    } finally {
      if (session === undefined) await client?.end().catch(() => undefined);
    }
  }

  private connectionFor({ input: { session, place } }: Statement): Promise<Client> {
    if (session === undefined) return this.connect(place);
    return (session.connection ??= this.connectSession(session));
  }

  private async connectSession(session: Session): Promise<Client> {
    const client = await this.connect(session.place);
    if (session.status === 'CLOSED') {
      await client.end().catch(() => undefined);
      throw new Error('terminating connection due to administrator command');
    }
    session.terminate = () => this.connections.terminateBackend(processIdOf(client));
    client.once('end', () => void this.sessions.close(session));
    return client;
  }

  private async connect({ database, role }: Session['place']): Promise<Client> {
    if (this.faults.connectDelayMs > 0) await pause(this.faults.connectDelayMs);
    return this.connections.connect(database, role);
  }

  /** Whether all of it is done, and stays so. */
  private async runBatch(statement: Statement, client: Client): Promise<boolean> {
    const inTransaction = statement.input.mode === 'TRANSACTION';
    if (inTransaction) await client.query('BEGIN');
    let failed = false;
    for (const part of statement.parts) {
      if (statement.cancelRequested || statement.ended || (failed && inTransaction)) break;
      part.move('STARTED', this.now());
      try {
        await this.runPart(statement, part, client);
        part.move('FINISHED', this.now());
      } catch (error) {
        failed = true;
        part.error = errorText(error);
        part.move(statement.cancelRequested ? 'ABORTED' : 'FAILED', this.now());
      }
    }
    summarize(statement);
    if (!inTransaction) return statement.parts.every((part) => part.status === 'FINISHED');
    const isUndone = failed || statement.cancelRequested;
    try {
      await client.query(isUndone ? 'ROLLBACK' : 'COMMIT');
    } finally {
      if (statement.cancelling !== undefined) await settleCancel(statement, client);
    }
    return !isUndone;
  }

  private async runPart(statement: Statement, part: StatementPart, client: Client): Promise<void> {
    const { text, values } = bindParameters(translate(part.sql), statement.input.parameters);
    const several = hasSeveralStatements(part.sql);
    const stop = (): void => void this.interrupt(statement).catch(ignore);
    const stopRepeating = this.repeatInterrupt(statement);
    try {
      const { result, rows } = await runQuery({ client, text, values, limits: this.limits, several, stop });
      part.result = result;
      part.hasResultSet = result !== undefined;
      part.rows = rows;
    } finally {
      stopRepeating();
      if (statement.cancelling !== undefined) await settleCancel(statement, client);
    }
  }

  private interrupt(statement: Statement): Promise<void> {
    return (statement.cancelling ??= this.connections.cancelBackend(statement.pid));
  }

  /** PostgreSQL forgets a cancel that comes before its query: it is told again until the query has ended. */
  private repeatInterrupt(statement: Statement): () => void {
    let isTelling = false;
    const tell = async (before: Promise<void>): Promise<void> => {
      isTelling = true;
      await before.catch(ignore);
      await this.connections.cancelBackend(statement.pid).catch(ignore);
      isTelling = false;
    };
    const timer = setInterval(() => {
      if (statement.cancelling !== undefined && !isTelling) statement.cancelling = tell(statement.cancelling);
    }, INTERRUPT_AGAIN_MS);
    return () => clearInterval(timer);
  }

  /** The session is free before anybody hears of the end. */
  private end(statement: Statement, status: 'FINISHED' | 'ABORTED' | 'FAILED'): void {
    if (statement.ended) return;
    const { session } = statement.input;
    if (session !== undefined && statement.startedAt !== undefined) session.running -= 1;
    if (session?.currentStatementId === statement.id) this.sessions.vacate(session);
    statement.end(statement.cancelRequested && status !== 'FINISHED' ? 'ABORTED' : status, this.now());
  }

  /** The session was closed over it. */
  private abortNow(statement: Statement): void {
    statement.error ??= TERMINATED;
    statement.end('ABORTED', this.now());
  }
}

/** A cancel that comes too late for its statement must be gone before the next one runs. */
async function settleCancel(statement: Statement, client: Client): Promise<void> {
  await statement.cancelling?.catch(ignore);
  statement.cancelling = undefined;
  await client.query('SELECT 1').catch(ignore);
}

function summarize(statement: Statement): void {
  const failed = statement.parts.findIndex((part) => part.status === 'FAILED');
  if (failed !== -1) statement.error = `Query #${failed + 1} failed with ${statement.parts[failed]?.error ?? ''}`;
  statement.hasResultSet = statement.parts.some((part) => part.hasResultSet);
  statement.rows = statement.parts.reduce((sum, part) => sum + Math.max(0, part.rows), 0);
  statement.queryId = 0;
}

function errorText(error: unknown): string {
  const { message, position } = error as { readonly message: string; readonly position?: string };
  return `ERROR: ${message}${position === undefined ? '' : `\n  Position: ${position}`}`;
}

/** The connection is gone with its backend. */
function isLost(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  return code === '57P01' || code === 'ECONNRESET' || message.startsWith('Connection terminated');
}

function processIdOf(client: Client): number {
  return (client as unknown as { readonly processID: number }).processID;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

function ignore(): void {}
