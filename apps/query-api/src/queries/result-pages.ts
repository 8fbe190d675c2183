import { ProblemError } from '@mooring/nest-runtime';
import type { Row, Statement } from '@mooring/redshift-sessions';
import type { JsonValue } from '../sql/value-json.ts';
import { invalidCursor } from './query-records.ts';
import { jsonOfRow } from './value-json.ts';

export interface ResultColumn {
  readonly name: string;
  readonly type: string;
  /** What the engine does not say is null. */
  readonly nullable: boolean | null;
  readonly precision: number | null;
  readonly scale: number | null;
}

export interface ResultSlice {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly JsonValue[])[];
  /** Rows of the whole result. */
  readonly totalRows: number;
  /** Absent when there are no more rows. */
  readonly nextCursor?: string;
}

/** Where a slice begins: a page of the warehouse and a row in it, or a place in the file of a kept result. */
interface Position {
  readonly page: string | undefined;
  readonly offset: number;
}

const START: Position = { page: undefined, offset: 0 };

/** Up to `limit` rows of a finished statement. The warehouse decides how much a page of its own holds. */
export async function readSlice(
  statement: Statement,
  queryId: string,
  limit: number,
  cursor?: string,
): Promise<ResultSlice> {
  let position = cursor === undefined ? START : positionOf(queryId, cursor);
  const rows: Row[] = [];
  for (;;) {
    const page = await statement.page(position.page);
    if (position.offset > page.rows.length) throw invalidCursor();
    const taken = page.rows.slice(position.offset, position.offset + limit - rows.length);
    rows.push(...taken);
    const offset = position.offset + taken.length;
    const rest = offset < page.rows.length;
    const next = rest
      ? { page: position.page, offset }
      : page.cursor === undefined
        ? undefined
        : { page: page.cursor, offset: 0 };
    if (next === undefined || rows.length >= limit) {
      return {
        columns: page.columns,
        rows: rows.map(jsonOfRow),
        totalRows: page.totalRows,
        ...(next === undefined ? {} : { nextCursor: cursorOf(queryId, next) }),
      };
    }
    if (next.page === position.page) throw new ProblemError('warehouse_unavailable', 'The result could not be read.');
    position = next;
  }
}

export function cursorOf(queryId: string, { page, offset }: Position): string {
  return Buffer.from(JSON.stringify([queryId, page ?? null, offset])).toString('base64url');
}

export function positionOf(queryId: string, cursor: string): Position {
  try {
    const [id, page, offset] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    const known = id === queryId && (page === null || typeof page === 'string');
    if (known && typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0) {
      return { page: page ?? undefined, offset };
    }
  } catch {
    // Whatever it is, it is no cursor of this query.
  }
  throw invalidCursor();
}
