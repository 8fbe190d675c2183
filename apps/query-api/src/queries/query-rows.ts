import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../api-tokens.ts';
import { QueryBudget } from './query-budget.ts';
import { DEFAULT_MAX_ROWS } from './query-request.ts';
import type { StoredQuery } from './query-records.ts';
import { QueryWatch } from './query-watch.ts';
import { readSlice } from './result-pages.ts';
import type { ResultSlice } from './result-pages.ts';

const NO_RESULT: ResultSlice = { columns: [], rows: [], totalRows: 0 };

/** Rows of finished queries, and what they cost. */
@Injectable()
export class QueryRows {
  constructor(
    @Inject(QueryWatch) private readonly watch: QueryWatch,
    @Inject(QueryBudget) private readonly budget: QueryBudget,
  ) {}

  /**
   * Up to `limit` rows. The first `maxRows` of a query were paid for when it ran; what is read beyond them costs, each
   * time. A cursor is the client's to make up, so what follows one always costs. Rejects with `budget_exceeded`.
   */
  async read(
    { tenantId }: Principal,
    { id, record }: StoredQuery,
    limit: number,
    cursor?: string,
  ): Promise<ResultSlice> {
    const { statementId, hasResultSet, maxRows = DEFAULT_MAX_ROWS } = record;
    if (statementId === undefined || hasResultSet !== true) return NO_RESULT;
    const paid = cursor === undefined ? maxRows : 0;
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
