import type { ExecutionContext } from '../context/execution-context.ts';
import { EngineError } from '../errors.ts';
import { parseBatch } from '../sql/parse-batch.ts';
import type { Statement, StatementKind } from '../sql/statement.ts';
import type { Column, Row, RowBatch, Value } from '../values.ts';
import { assertParameters } from './parameters.ts';
import { rowsRead } from './rows-read.ts';
import { engineErrorOf } from './run-errors.ts';
import { SqlSession } from './sql-session.ts';
import { recordEvent, startStatement } from './statement-runner.ts';
import type { StatementMetadata, StatementStart } from './statement-runner.ts';

export interface RunOptions {
  /** A pinned session of the context's principal. Its namespace counts, not the context's. */
  readonly session?: SqlSession;
  /** Of each statement, at most the engine's `longestStatementMs`. */
  readonly timeoutMs?: number;
  /** Of each statement, at most the engine's `maxRows`. */
  readonly maxRows?: number;
  /** From 0 to 1, where the engine knows. */
  readonly onProgress?: (progress: number) => void;
}

export interface StatementResult {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** There are more rows than were kept. */
  readonly truncated: boolean;
  /** Rows of INSERT, UPDATE and DELETE; objects of the engine's own statements; null of others. */
  readonly rowsAffected: number | null;
  readonly message: string | null;
}

export interface StatementReport extends StatementResult {
  readonly metadata: StatementMetadata & { readonly durationMs: number };
}

/** `results[i]` is of statement i. Those before a failure have run, and are here; those after it have not. */
export interface BatchResult<R extends StatementResult = StatementResult> {
  readonly results: readonly R[];
  readonly failure: BatchFailure | undefined;
  /** A transaction was left open and is undone, also by a failure. */
  readonly rolledBack: boolean;
  readonly durationMs: number;
}

export interface BatchFailure {
  /** Of the statement, from 0. */
  readonly index: number;
  readonly kind: StatementKind;
  /** Where the statement begins, from 1. */
  readonly line: number;
  readonly column: number;
  readonly error: EngineError;
}

/** One statement whose rows come as they are read. Read it to its end or close it: until then it counts as running. */
export interface StatementStream {
  readonly columns: readonly Column[];
  readonly rowsAffected: number | null;
  readonly message: string | null;
  readonly metadata: StatementMetadata;
  batches(): AsyncIterable<RowBatch>;
  close(): Promise<void>;
}

/** From a text to its statements. */
export type SqlParser = (sql: string) => readonly Statement[] | Promise<readonly Statement[]>;

/** The way of every statement: it is parsed, authorized, handed to the handler of its kind, and audited. */
export class SqlExecutor {
  constructor(private readonly parse: SqlParser = parseBatch) {}

  /**
   * Runs the statements one after the other, until one fails.
   *
   * @throws EngineError when nothing ran: the text can't be read, or parameters don't fit
   */
  async execute(
    sql: string,
    parameters: readonly Value[],
    context: ExecutionContext,
    options: RunOptions = {},
  ): Promise<BatchResult> {
    const { results, ...batch } = await this.executeWithMetadata(sql, parameters, context, options);
    return { ...batch, results: results.map(resultOf) };
  }

  /** As `execute`, and what is known of each statement. @throws EngineError */
  async executeWithMetadata(
    sql: string,
    parameters: readonly Value[],
    context: ExecutionContext,
    options: RunOptions = {},
  ): Promise<BatchResult<StatementReport>> {
    const statements = await this.read(sql, parameters, context);
    const startedAt = context.engine.clock.now();
    const results: StatementReport[] = [];
    let failure: BatchFailure | undefined;
    const turn = takeTurn(context, options, statements.length > 1);
    let rolledBack = false;
    try {
      for (const [index, statement] of statements.entries()) {
        const start: StatementStart = { parameters, ...turn };
        try {
          results.push(await reported(statement, start, options.maxRows));
        } catch (error) {
          const { kind, line, column } = statement;
          failure = { index, kind, line, column, error: engineErrorOf(error) };
          break;
        }
      }
    } finally {
      rolledBack = await turn.end();
    }
    return { results, failure, rolledBack, durationMs: context.engine.clock.now() - startedAt };
  }

  /** Runs one statement and gives its rows as they come. @throws EngineError */
  async stream(
    sql: string,
    parameters: readonly Value[],
    context: ExecutionContext,
    options: RunOptions = {},
  ): Promise<StatementStream> {
    const [statement, ...more] = await this.read(sql, parameters, context);
    if (statement === undefined || more.length > 0) {
      const message = `one statement is taken here, there are ${more.length + 1}`;
      throw new EngineError({ code: 'invalid_argument', message });
    }
    const turn = takeTurn(context, options, false);
    try {
      const start: StatementStart = { parameters, ...turn, onEnd: turn.end };
      const { outcome, metadata } = await startStatement(statement, start);
      return { ...outcome, metadata };
    } catch (error) {
      await turn.end();
      throw engineErrorOf(error);
    }
  }

  /** A session that keeps its namespace, temporary tables, settings and transaction until it is closed. @throws EngineError */
  openSession({ engine, principal, namespace }: ExecutionContext): SqlSession {
    engine.assertOpen();
    return engine.sessions.open(principal, namespace);
  }

  private async read(
    sql: string,
    parameters: readonly Value[],
    context: ExecutionContext,
  ): Promise<readonly Statement[]> {
    context.engine.assertOpen();
    const statements = await this.parsed(sql, context);
    const { maxStatements } = context.engine.options;
    if (statements.length === 0 || statements.length > maxStatements) {
      const message = `a batch is of 1 to ${maxStatements} statements, there are ${statements.length}`;
      throw new EngineError({ code: 'invalid_argument', message, facts: { statements: statements.length } });
    }
    assertParameters(statements, parameters);
    return statements;
  }

  /** What can't be read as a statement may be an attempt at something: it is recorded. */
  private async parsed(sql: string, context: ExecutionContext): Promise<readonly Statement[]> {
    try {
      return await this.parse(sql);
    } catch (error) {
      const { code } = engineErrorOf(error);
      context.engine.counts.denied += 1;
      const nothing = { asUserId: null, queryId: null, rowsAffected: null };
      await recordEvent(context, { action: 'parse', target: '', outcome: 'denied', code, ...nothing });
      throw error;
    }
  }
}

function resultOf({ columns, rows, truncated, rowsAffected, message }: StatementReport): StatementResult {
  return { columns, rows, truncated, rowsAffected, message };
}

interface ExecutorTurn extends Omit<StatementStart, 'parameters'> {
  /** Whether a transaction was left open by a batch, and is undone. Does nothing the second time. */
  readonly end: () => Promise<boolean>;
}

function takeTurn(context: ExecutionContext, options: RunOptions, isBatch: boolean): ExecutorTurn {
  const { engine, principal, namespace } = context;
  const { timeoutMs, onProgress } = options;
  if (options.session === undefined) {
    const openedAt = engine.clock.now();
    const session = new SqlSession({ principal, namespace, openedAt, keepsState: isBatch, isPinned: false });
    const end = once(async () => {
      const isOpen = session.transaction !== 'none';
      await session.close();
      return isOpen;
    });
    return { context, session, timeoutMs, onProgress, end };
  }
  const { session } = options;
  const { tenantId, userId, role } = session.principal;
  if (tenantId !== principal.tenantId || userId !== principal.userId) {
    throw new EngineError({ code: 'not_found', message: 'there is no such session' });
  }
  if (role !== principal.role) {
    const message = `the session was opened with the role ${role}, which is ${principal.role} now: open another one`;
    throw new EngineError({ code: 'forbidden', message });
  }
  const release = session.takeTurn();
  session.lastUsedAt = engine.clock.now();
  const end = once(async () => {
    session.lastUsedAt = engine.clock.now();
    release();
    return false;
  });
  return { context, session, timeoutMs, onProgress, end };
}

function once<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= run());
}

async function reported(
  statement: Statement,
  start: StatementStart,
  maxRows: number | undefined,
): Promise<StatementReport> {
  const { clock, options } = start.context.engine;
  const startedAt = clock.now();
  const { outcome, metadata } = await startStatement(statement, start);
  const { rows, truncated } = await rowsRead(outcome, Math.min(maxRows ?? options.maxRows, options.maxRows));
  const { columns, rowsAffected, message } = outcome;
  const durationMs = clock.now() - startedAt;
  return { columns, rows, truncated, rowsAffected, message, metadata: { ...metadata, durationMs } };
}
