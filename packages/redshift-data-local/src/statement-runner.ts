import type { Client } from 'pg';
import type { DatabaseConnections } from './database-connections.ts';
import type { Faults } from './faults.ts';
import type { Limits } from './options.ts';
import { runQuery } from './query-result.ts';
import type { Sessions } from './sessions.ts';
import { bindParameters } from './sql/parameters.ts';
import { translate } from './sql/translate.ts';
import type { Statement, StatementPart } from './statement.ts';

const CANCELLED = '57014';

/** Runs statements on PostgreSQL: in the connection of their session, or in one of their own that ends with them. */
export class StatementRunner {
  private nextQueryId = 1;

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
    void this.run(statement);
  }

  async cancel(statement: Statement): Promise<void> {
    statement.cancelRequested = true;
    if (statement.status !== 'STARTED') return this.finish(statement, 'ABORTED');
    statement.cancelling = this.connections.cancelBackend(statement.pid);
    await statement.cancelling;
  }

  private async run(statement: Statement): Promise<void> {
    const { session } = statement.input;
    let client: Client | undefined;
    try {
      if (this.faults.pickDelayMs > 0) await pause(this.faults.pickDelayMs);
      if (statement.ended) return;
      statement.move('PICKED', this.now());
      client = await this.connectionFor(statement);
      if (statement.ended) return;
      statement.pid = (client as unknown as { readonly processID: number }).processID;
      statement.queryId = this.nextQueryId++;
      statement.move('STARTED', this.now());
      if (statement.input.batch) await this.runBatch(statement, client);
      else await this.runPart(statement, statement, client);
      await this.finish(statement, statement.parts.some((part) => part.status === 'FAILED') ? 'FAILED' : 'FINISHED');
    } catch (error) {
      await this.fail(statement, error);
      if (client === undefined && session !== undefined) await this.sessions.close(session);
    } finally {
      if (session === undefined) await client?.end().catch(() => undefined);
    }
  }

  private async connectionFor(statement: Statement): Promise<Client> {
    const { session, place } = statement.input;
    if (session?.client !== undefined) return session.client;
    if (this.faults.connectDelayMs > 0) await pause(this.faults.connectDelayMs);
    const client = await this.connections.connect(place.database, place.role);
    if (session === undefined) return client;
    if (session.status === 'CLOSED' || session.currentStatementId !== statement.id) {
      void client.end().catch(() => undefined);
      throw new Error('terminating connection due to administrator command');
    }
    session.client = client;
    client.once('end', () => void this.sessions.close(session));
    return client;
  }

  private async runBatch(statement: Statement, client: Client): Promise<void> {
    const inTransaction = statement.input.mode === 'TRANSACTION';
    if (inTransaction) await client.query('BEGIN');
    let failed = false;
    for (const part of statement.parts) {
      if (statement.cancelRequested || (failed && inTransaction)) break;
      part.move('STARTED', this.now());
      try {
        await this.runPart(statement, part, client);
        part.move('FINISHED', this.now());
      } catch (error) {
        failed = true;
        part.error = errorText(error);
        part.move(isCancellation(error) ? 'ABORTED' : 'FAILED', this.now());
      }
    }
    if (inTransaction) await client.query(failed || statement.cancelRequested ? 'ROLLBACK' : 'COMMIT');
    summarize(statement);
  }

  private async runPart(statement: Statement, part: StatementPart, client: Client): Promise<void> {
    const { text, values } = bindParameters(translate(part.sql), statement.input.parameters);
    const { result, rows } = await runQuery(client, text, values, this.limits);
    part.result = result;
    part.hasResultSet = result !== undefined;
    part.rows = rows;
  }

  private async fail(statement: Statement, error: unknown): Promise<void> {
    if (!statement.cancelRequested) statement.error = errorText(error);
    await this.finish(statement, statement.cancelRequested || isCancellation(error) ? 'ABORTED' : 'FAILED');
  }

  /** The session is free before anybody hears of the end. */
  private async finish(statement: Statement, status: 'FINISHED' | 'ABORTED' | 'FAILED'): Promise<void> {
    // A cancellation under way must not reach the next statement of the session.
    await statement.cancelling?.catch(() => undefined);
    if (statement.ended) return;
    const { session } = statement.input;
    if (session !== undefined && session.currentStatementId === statement.id) this.sessions.vacate(session);
    statement.end(statement.cancelRequested && status !== 'FINISHED' ? 'ABORTED' : status, this.now());
  }

  /** The session was closed over it. */
  private abortNow(statement: Statement): void {
    statement.error ??= 'ERROR: terminating connection due to administrator command';
    statement.end('ABORTED', this.now());
  }
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

function isCancellation(error: unknown): boolean {
  return (error as { readonly code?: string }).code === CANCELLED;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
