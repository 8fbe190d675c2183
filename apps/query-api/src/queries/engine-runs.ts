import { Inject, Injectable } from '@nestjs/common';
import { EngineContext, EngineError, ExecutionContext, SqlExecutor } from '@mooring/engine';
import type { StatementStream, Value } from '@mooring/engine';
import { Logger } from '@mooring/nest-runtime';
import type { RequestScope } from '@mooring/nest-runtime';
import type { Principal } from '../api-tokens.ts';
import { problems } from '../problems.ts';
import { KeptResults } from '../results/kept-results.ts';
import type { ResultForm } from '../results/kept-results.ts';
import { keptRows } from '../results/kept-rows.ts';
import { csvLines } from '../sql/formats/csv-lines.ts';
import { parquetFile } from '../sql/formats/parquet-file.ts';
import type { Part, ResultFormat } from '../sql/formats/result-format.ts';
import { hasRun } from '../sql/sql-fault.ts';
import { sqlPrincipal } from '../sql/sql-principal.ts';
import { streamedParts } from '../sql/streamed-result.ts';
import { failureOf } from './query-record.ts';
import type { QueryRecord } from './query-record.ts';
import type { QueryRun, RunEnd } from './query-run.ts';
import { TenantPlaces } from './tenant-places.ts';

/** Of the request that a query came with, for the audit log and for lines of the log. */
export interface QueryOrigin extends Partial<RequestScope> {
  readonly clientAddress?: string;
}

export interface EngineQuery {
  readonly owner: Principal;
  readonly id: string;
  readonly record: QueryRecord;
  readonly sql: string;
  readonly parameters: readonly Value[];
  /** The most rows of its result. */
  readonly maxRows: number;
  readonly origin: QueryOrigin;
  readonly signal: AbortSignal;
}

export const RESULT_FORMATS: Readonly<Record<ResultForm, ResultFormat<Part | Iterable<Part>>>> = {
  rows: keptRows,
  csv: csvLines,
  parquet: parquetFile,
};

/** Runs queries on the engine of their namespace, and keeps what they give. */
@Injectable()
export class EngineRuns {
  private readonly executor = new SqlExecutor();
  private readonly places = new TenantPlaces();

  constructor(
    @Inject(EngineContext) private readonly engine: EngineContext,
    @Inject(KeptResults) private readonly results: KeptResults,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /** @throws ProblemError `results_not_kept` */
  assertKeepsResults(): void {
    void this.results.folderId;
  }

  /** @throws ProblemError `engine_busy` */
  start(query: EngineQuery): QueryRun {
    const leave = this.places.take(query.owner.tenantId);
    const end = this.run(query).finally(leave);
    return { started: {}, endsWithProcess: true, wait: () => end, describe: () => end };
  }

  private async run(query: EngineQuery): Promise<RunEnd> {
    const { owner, record, sql, parameters, origin, signal } = query;
    const startedAt = performance.now();
    const took = (): { readonly runMs: number } => ({ runMs: performance.now() - startedAt });
    let statement: StatementStream | undefined;
    try {
      const { namespace, timeoutMs } = record;
      const details = { ...origin, signal, ...(namespace === undefined ? {} : { namespace }) };
      const context = ExecutionContext.withAudit(this.engine, sqlPrincipal(owner), details);
      statement = await this.executor.stream(sql, parameters, context, { timeoutMs });
      const result = statement.columns.length === 0 ? await changed(statement) : await this.keep(query, statement);
      return { said: { status: 'finished', ...result }, ...took() };
    } catch (error) {
      return { ...this.failedEnd(error, statement === undefined, origin), ...took() };
    } finally {
      await statement?.close().catch(() => undefined);
    }
  }

  private async keep(query: EngineQuery, statement: StatementStream): Promise<Partial<QueryRecord>> {
    const { owner, id, record, maxRows } = query;
    const form = record.exportAs ?? 'rows';
    const file = await this.results.create({ tenantId: owner.tenantId, queryId: id, attempt: record.attempt }, form);
    try {
      let resultRows = 0;
      const counted = async (rows: number): Promise<void> => void (resultRows = rows);
      for await (const part of await streamedParts(statement, RESULT_FORMATS[form], maxRows, counted)) {
        await file.write(part);
      }
      const bytes = await file.keep();
      return { hasResultSet: true, resultRows, result: { folder: this.results.folderId, form, bytes } };
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  private failedEnd(error: unknown, isUnbegun: boolean, { requestId, traceId }: QueryOrigin): RunEnd {
    const known = problems.find(error);
    if (known === undefined) {
      this.logger.error(
        { requestId, traceId, context: 'EngineRuns', error: nameOf(error) },
        'A query failed unexpectedly',
      );
    }
    const { code, detail } = known ?? problems.problem('internal_error');
    const failure = failureOf(code, detail);
    if (!(error instanceof EngineError)) return { said: { status: 'failed', failure } };
    if (error.code === 'cancelled') return { said: { status: 'cancelled', failure } };
    if (error.code === 'timeout') return { said: { status: 'timed_out' } };
    if (!isUnbegun || hasRun(error)) return { said: { status: 'failed', failure } };
    // What cannot be reached may have done it nevertheless.
    const neverRan = error.code !== 'unavailable';
    return { said: { status: 'failed', failure, ...(neverRan ? { neverRan } : {}) }, refusal: error };
  }
}

async function changed(statement: StatementStream): Promise<Partial<QueryRecord>> {
  for await (const batch of statement.batches()) void batch;
  const { rowsAffected } = statement;
  return { hasResultSet: false, ...(rowsAffected === null ? {} : { resultRows: rowsAffected }) };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
