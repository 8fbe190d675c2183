import { DataApiError } from '../data-api/data-api-error.ts';
import type { DataApi, ResultPage } from '../data-api/data-api.ts';
import { WarehouseError } from '../errors.ts';
import { columnOf, rowOf } from './typed-values.ts';
import type { Column, Row } from './typed-values.ts';

export interface Rows {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Rows of the whole result. */
  readonly totalRows: number;
  /** The next page; absent on the last. Belongs to this statement only. */
  readonly cursor?: string;
}

/** Results by statement id: any process may read them for 24 hours, and none needs the session for it. */
export class Results {
  constructor(private readonly api: DataApi) {}

  /** One page. The service decides how much it holds. */
  async page(statementId: string, cursor?: string): Promise<Rows> {
    const page = await this.fetch(statementId, cursor === undefined ? undefined : tokenOf(statementId, cursor));
    return {
      ...read(page),
      totalRows: page.totalRows,
      ...(page.nextToken === undefined ? {} : { cursor: cursorOf(statementId, page.nextToken) }),
    };
  }

  /** All rows, a page at a time, the next one only when it is asked for. */
  async *rows(statementId: string): AsyncGenerator<Row, void, void> {
    let cursor: string | undefined;
    const seen = new Set<string>();
    do {
      const page: Rows = await this.page(statementId, cursor);
      yield* page.rows;
      cursor = page.cursor;
      if (cursor !== undefined && seen.has(cursor)) {
        throw new WarehouseError({
          code: 'warehouse_unavailable',
          message: 'The warehouse repeats a page of the result.',
        });
      }
      if (cursor !== undefined) seen.add(cursor);
    } while (cursor !== undefined);
  }

  private async fetch(statementId: string, token: string | undefined): Promise<ResultPage> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.api.result(statementId, token);
      } catch (error) {
        if (attempt >= 5 || !isTransient(error)) throw resultFailure(error, token !== undefined);
      }
    }
  }
}

function read(page: ResultPage): Pick<Rows, 'columns' | 'rows'> {
  try {
    const columns = page.columns.map(columnOf);
    return { columns, rows: page.records.map((record) => rowOf(record, columns)) };
  } catch (error) {
    // Not retried: it would be the same page.
    if (!(error instanceof TypeError)) throw error;
    throw new WarehouseError({
      code: 'warehouse_unavailable',
      message: 'The warehouse answered with something else than a result.',
      retryable: false,
      cause: error,
    });
  }
}

/** Reading is safe to repeat; the call rate already waits where the service throttles. */
function isTransient(error: unknown): boolean {
  return error instanceof DataApiError && ['throttled', 'unknown_outcome', 'unreachable'].includes(error.failure);
}

function resultFailure(error: unknown, withToken: boolean): unknown {
  if (!(error instanceof DataApiError)) return error;
  switch (error.failure) {
    case 'no_result':
      return new WarehouseError({ code: 'no_result', message: 'The statement has no result to read.', cause: error });
    case 'statement_unknown':
      return new WarehouseError({
        code: 'statement_not_found',
        message: 'The warehouse does not have this statement; it keeps results for 24 hours.',
        cause: error,
      });
    case 'invalid':
      return withToken
        ? invalidCursor(error)
        : new WarehouseError({ code: 'invalid_request', message: error.message, cause: error });
    case 'denied':
      return new WarehouseError({
        code: 'access_denied',
        message: 'The warehouse refused to show the result.',
        cause: error,
      });
    default:
      return new WarehouseError({
        code: 'warehouse_unavailable',
        message: 'The warehouse did not answer with the result.',
        retryAfterMs: 2_000,
        cause: error,
      });
  }
}

function cursorOf(statementId: string, token: string): string {
  return Buffer.from(JSON.stringify([statementId, token])).toString('base64url');
}

function tokenOf(statementId: string, cursor: string): string {
  try {
    const [id, token] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    if (id === statementId && typeof token === 'string') return token;
  } catch {
    // Falls through: whatever it was, it is no cursor of this statement.
  }
  throw invalidCursor();
}

function invalidCursor(cause?: unknown): WarehouseError {
  return new WarehouseError({
    code: 'invalid_cursor',
    message: 'The cursor is none of this statement; take it from the page before, unchanged.',
    cause,
  });
}
