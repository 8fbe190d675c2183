import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../api-tokens.ts';
import { QueryBudget } from './query-budget.ts';
import { DEFAULT_MAX_ROWS } from './query-request.ts';
import type { StoredQuery } from './query-records.ts';
import { QueryWatch } from './query-watch.ts';
import { readSlice } from './result-pages.ts';
import type { ResultSlice } from './result-pages.ts';

export interface RowsWanted {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Rows before these that were read, where that is certain: a cursor is the client's to make up. */
  readonly alreadyRead?: number;
}

const NO_RESULT: ResultSlice = { columns: [], rows: [], totalRows: 0 };

/** Rows of finished queries, and what they cost. */
@Injectable()
export class QueryRows {
  constructor(
    @Inject(QueryWatch) private readonly watch: QueryWatch,
    @Inject(QueryBudget) private readonly budget: QueryBudget,
  ) {}

  /**
   * The first `maxRows` rows of a query were paid for when it ran; what is read beyond them costs, each time, and so does
   * all that follows a cursor of a client. Rejects with `budget_exceeded`.
   */
  async read({ tenantId }: Principal, { id, record }: StoredQuery, wanted: RowsWanted): Promise<ResultSlice> {
    const { statementId, hasResultSet, maxRows = DEFAULT_MAX_ROWS } = record;
    if (statementId === undefined || hasResultSet !== true) return NO_RESULT;
    const { limit, cursor, alreadyRead = cursor === undefined ? 0 : maxRows } = wanted;
    const paid = Math.max(0, maxRows - alreadyRead);
    const held = await this.budget.holdRows(tenantId, Math.max(0, limit - paid));
    let slice: ResultSlice | undefined;
    try {
      slice = await readSlice(this.watch.statement(statementId), id, limit, cursor);
      return slice;
    } finally {
      await held.settle(Math.max(0, (slice?.rows.length ?? 0) - paid));
    }
  }
}
