import { Inject, Injectable } from '@nestjs/common';
import { ProblemError } from '@mooring/nest-runtime';
import type { Principal } from '../api-tokens.ts';
import { KeptResults } from '../results/kept-results.ts';
import type { KeptResult } from '../results/kept-results.ts';
import { readKeptRows } from '../results/kept-rows.ts';
import { QueryBudget } from './query-budget.ts';
import { DEFAULT_MAX_ROWS } from './query-request.ts';
import type { StoredQuery } from './query-records.ts';
import { QueryWatch } from './query-watch.ts';
import { cursorOf, positionOf, readSlice } from './result-pages.ts';
import type { ResultSlice } from './result-pages.ts';

export interface RowsWanted {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Rows before these that were read, where that is certain: a cursor is the client's to make up. */
  readonly alreadyRead?: number;
}

const UNSAID = { nullable: null, precision: null, scale: null };
const NO_RESULT: ResultSlice = { columns: [], rows: [], totalRows: 0 };

/** Rows of finished queries, and what they cost. */
@Injectable()
export class QueryRows {
  constructor(
    @Inject(QueryWatch) private readonly watch: QueryWatch,
    @Inject(QueryBudget) private readonly budget: QueryBudget,
    @Inject(KeptResults) private readonly results: KeptResults,
  ) {}

  /**
   * The first `maxRows` rows of a query were paid for when it ran; what is read beyond them costs, each time, and so does
   * all that follows a cursor of a client. Rejects with `budget_exceeded`.
   */
  async read(owner: Principal, query: StoredQuery, wanted: RowsWanted): Promise<ResultSlice> {
    const { hasResultSet, maxRows = DEFAULT_MAX_ROWS } = query.record;
    if (hasResultSet !== true) return NO_RESULT;
    const { limit, cursor, alreadyRead = cursor === undefined ? 0 : maxRows } = wanted;
    const paid = Math.max(0, maxRows - alreadyRead);
    const held = await this.budget.holdRows(owner.tenantId, Math.max(0, limit - paid));
    let slice: ResultSlice | undefined;
    try {
      slice = await this.slice(owner, query, limit, cursor);
      return slice;
    } finally {
      await held.settle(Math.max(0, (slice?.rows.length ?? 0) - paid));
    }
  }

  /** The first rows, for the answer that says how the query ended; those of a replay may be more than it was run for. */
  async first(owner: Principal, query: StoredQuery, limit: number): Promise<ResultSlice> {
    const { hasResultSet, exportAs, resultRows: totalRows = 0 } = query.record;
    if (hasResultSet !== true) return NO_RESULT;
    return exportAs === undefined ? this.read(owner, query, { limit }) : { ...NO_RESULT, totalRows };
  }

  /** Frees what the engine gave. @throws ProblemError `result_elsewhere` */
  async forget({ tenantId }: Principal, { id, record }: StoredQuery): Promise<void> {
    const { result, attempt } = record;
    if (result !== undefined) await this.results.remove({ tenantId, queryId: id, attempt }, result);
  }

  private async slice(owner: Principal, query: StoredQuery, limit: number, cursor?: string): Promise<ResultSlice> {
    const { statementId, result } = query.record;
    if (result !== undefined) return this.keptSlice(owner, query, result, limit, cursor);
    return statementId === undefined
      ? NO_RESULT
      : readSlice(this.watch.statement(statementId), query.id, limit, cursor);
  }

  private async keptSlice(
    { tenantId }: Principal,
    { id, record }: StoredQuery,
    result: KeptResult,
    limit: number,
    cursor: string | undefined,
  ): Promise<ResultSlice> {
    if (result.form !== 'rows') {
      const detail = `The result of this query is a file: GET /v1/queries/${id}/download.`;
      throw new ProblemError('result_is_file', detail);
    }
    const place = cursor === undefined ? undefined : positionOf(id, cursor).offset;
    const file = await this.results.open({ tenantId, queryId: id, attempt: record.attempt }, result);
    try {
      const { columns, rows, next } = await readKeptRows(file, limit, place);
      return {
        columns: columns.map((column) => ({ ...column, ...UNSAID })),
        rows,
        totalRows: record.resultRows ?? 0,
        ...(next === undefined ? {} : { nextCursor: cursorOf(id, { page: undefined, offset: next }) }),
      };
    } finally {
      await file.close();
    }
  }
}
