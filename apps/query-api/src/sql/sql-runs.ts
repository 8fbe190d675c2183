import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { EngineContext, ExecutionContext, ParsedTexts } from '@mooring/engine';
import type { BatchFailure, RunOptions, StatementStream } from '@mooring/engine';
import { ProblemError, validationProblem } from '@mooring/nest-runtime';
import type { Principal } from '../api-tokens.ts';
import { QueryApiConfig } from '../config.ts';
import { QueryBudget } from '../queries/query-budget.ts';
import type { Amounts, HeldBudget } from '../queries/query-budget.ts';
import { SessionWatch } from '../queries/session-watch.ts';
import { ParsedSql } from './parsed-sql.ts';
import { PinnedSessions } from './pinned-sessions.ts';
import { milliseconds, resultOf } from './sql-answer.ts';
import type { SqlResult } from './sql-answer.ts';
import type { SqlExchange } from './sql-exchange.ts';
import { hasRun, sqlFault } from './sql-fault.ts';
import { sqlPrincipal } from './sql-principal.ts';
import type { SqlRequest } from './sql-request.ts';
import type { ResultFormat } from './formats/result-format.ts';
import { streamedParts } from './streamed-result.ts';

const MARGIN_MS = 60_000;

export interface SqlBatch {
  readonly results: readonly SqlResult[];
  readonly failure: BatchFailure | undefined;
  readonly rolledBack: boolean;
  readonly tookMs: number;
  readonly budget: string | undefined;
}

export interface SqlStream {
  readonly queryId: string;
  readonly budget: string | undefined;
  readonly parts: AsyncIterable<Uint8Array | string>;
}

/** A request while it runs: what it holds is let go of at its end, whatever that is. */
interface Run {
  readonly parsed: ParsedSql;
  readonly context: ExecutionContext;
  readonly options: RunOptions;
  readonly budget: string | undefined;
  /** Of statements that ran, and rows that were given. */
  end(statements: number, rows: number): Promise<void>;
}

/** Runs SQL for callers: with their rights, on their budget, for as long as they and their token are there. */
@Injectable()
export class SqlRuns {
  private readonly texts = new ParsedTexts();

  constructor(
    @Inject(EngineContext) private readonly engine: EngineContext,
    @Inject(PinnedSessions) private readonly sessions: PinnedSessions,
    @Inject(SessionWatch) private readonly tokens: SessionWatch,
    @Inject(QueryBudget) private readonly budget: QueryBudget,
    @Inject(QueryApiConfig) private readonly config: Pick<QueryApiConfig, 'queries'>,
  ) {}

  /** All statements, and the first rows of each. @throws ProblemError when nothing ran */
  async batch(caller: Principal, request: SqlRequest, exchange: SqlExchange): Promise<SqlBatch> {
    const startedAt = performance.now();
    const most = this.config.queries.maxRows;
    const { maxRows = most } = request;
    if (maxRows > most)
      throw validationProblem([{ pointer: '#/maxRows', detail: `must not be above ${most} in JSON` }]);
    const run = await this.begin(caller, request, exchange, maxRows);
    let taken: readonly [number, number] = [0, 0];
    try {
      const { parsed, context, options, budget } = run;
      const batch = await parsed.executor.executeWithMetadata(request.sql, request.parameters ?? [], context, options);
      const results = batch.results.map(resultOf);
      const { failure, rolledBack } = batch;
      const rows = results.reduce((sum, result) => sum + result.rows.length, 0);
      taken = [results.length + (hasRun(failure?.error) ? 1 : 0), rows];
      return { results, failure, rolledBack, tookMs: milliseconds(startedAt), budget };
    } catch (error) {
      throw sqlFault(error);
    } finally {
      await run.end(...taken);
    }
  }

  /** One statement, whose rows come as the client takes them. @throws ProblemError before the first of them */
  async stream(
    caller: Principal,
    request: SqlRequest,
    exchange: SqlExchange,
    format: ResultFormat,
  ): Promise<SqlStream> {
    if (this.budget.limitsRows && request.maxRows === undefined) {
      const detail = 'is needed: your tenant has a budget of rows, and as many are held back of it';
      throw validationProblem([{ pointer: '#/maxRows', detail }]);
    }
    const run = await this.begin(caller, request, exchange, request.maxRows ?? 0);
    const { parsed, context, options, budget } = run;
    let statement: StatementStream;
    try {
      if (parsed.count > 1)
        throw new ProblemError('not_acceptable', `A batch of ${parsed.count} statements is answered in JSON.`);
      statement = await parsed.executor.stream(request.sql, request.parameters ?? [], context, options);
    } catch (error) {
      await run.end(hasRun(error) ? 1 : 0, 0);
      throw sqlFault(error);
    }
    try {
      const maxRows = request.maxRows ?? Infinity;
      const parts = await streamedParts(statement, format, maxRows, (rows) => run.end(1, rows));
      return { queryId: statement.metadata.queryId, budget, parts };
    } catch (error) {
      throw sqlFault(error);
    }
  }

  private async begin(caller: Principal, request: SqlRequest, exchange: SqlExchange, maxRows: number): Promise<Run> {
    const session = request.session === undefined ? undefined : this.sessions.get(caller, request.session).session;
    const timeoutMs = this.timeoutOf(request);
    const parsed = new ParsedSql(request.sql, this.texts);
    const held = await this.hold(caller, parsed.count, timeoutMs ?? session?.timeoutMs, maxRows);
    const startedAt = performance.now();
    const { cancellation, requestId, clientAddress } = exchange;
    const unwatch = this.tokens.watch(caller, (end) => {
      if (end === 'revoked') cancellation.abort(new Error('the token was revoked'));
    });
    const end = async (statements: number, rows: number): Promise<void> => {
      unwatch();
      const seconds = Math.ceil((performance.now() - startedAt) / 1000);
      await held.settle(statements === 0 ? {} : { statements, seconds, rows });
    };
    const { namespace } = request;
    const details = {
      requestId,
      clientAddress,
      signal: cancellation,
      ...(namespace === undefined ? {} : { namespace }),
    };
    try {
      const context = ExecutionContext.withAudit(this.engine, sqlPrincipal(caller), details);
      const options = {
        maxRows,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(session === undefined ? {} : { session }),
      };
      return { parsed, context, options, budget: held.remaining, end };
    } catch (error) {
      await end(0, 0);
      throw sqlFault(error);
    }
  }

  /** What can't be read costs nothing: the engine refuses it. */
  private async hold(
    caller: Principal,
    statements: number,
    timeoutMs: number | undefined,
    maxRows: number,
  ): Promise<HeldBudget<Partial<Amounts>>> {
    if (statements === 0) return { remaining: undefined, settle: async () => {} };
    const longestMs = (timeoutMs ?? this.config.queries.timeoutMs) * statements;
    const most = { statements, seconds: Math.ceil(longestMs / 1000), rows: maxRows * statements };
    return this.budget.holdMost(caller, randomUUID(), most, longestMs + MARGIN_MS);
  }

  private timeoutOf({ timeoutSeconds }: SqlRequest): number | undefined {
    if (timeoutSeconds === undefined) return undefined;
    const longest = this.config.queries.maxTimeoutMs / 1000;
    if (timeoutSeconds <= longest) return Math.round(timeoutSeconds * 1000);
    throw validationProblem([{ pointer: '#/timeoutSeconds', detail: `must not be above ${longest}` }]);
  }
}
