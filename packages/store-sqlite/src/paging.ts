import { createHash } from 'node:crypto';
import type { Page, PageRequest } from '@mooring/session-store';
import { decodeCursor, encodeCursor } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';

export type Position = readonly (string | number)[];

/** Names one list of one owner, without saying whose: what a cursor of another list fails to match. */
export function listName(kind: string, ...owner: readonly (string | null)[]): string {
  return `sqlite.${kind}.${createHash('sha256').update(JSON.stringify(owner)).digest('base64url').slice(0, 16)}`;
}

/** Where the page starts: what the cursor says, else `start`. */
export function positionIn<P extends Position>(
  validation: Validation,
  operation: string,
  list: string,
  page: PageRequest,
  start: P,
): P {
  validation.page(operation, page);
  if (page.cursor === undefined) return start;
  const position = typeof page.cursor === 'string' ? decodeCursor(list, page.cursor) : undefined;
  const fits =
    position?.length === start.length &&
    position.every(
      (part, index) => typeof part === typeof start[index] && (typeof part === 'string' || Number.isSafeInteger(part)),
    );
  if (!fits) throw validation.invalid(operation, 'cursor is not one of this list; take it from the page before');
  return position as Position as P;
}

/** How many rows one page looks at; a page that would need more is shorter, and says that there is a next one. */
const MOST_ROWS = 2000;

interface Rows<Row> {
  /** At most `limit` rows after a position, in the order of the list. */
  readonly after: (position: Position, limit: number) => readonly Row[];
  readonly positionOf: (row: Row) => Position;
  readonly isShown: (row: Row) => boolean;
}

/** Reads on from `start` until the page is full. Rows that are not shown (dead ones) cost time, but never without end. */
export function pageOf<Row, T>(
  list: string,
  page: PageRequest,
  start: Position,
  rows: Rows<Row>,
  itemOf: (row: Row) => T,
): Page<T> {
  const items: T[] = [];
  let position = start;
  for (let looked = 0; looked < MOST_ROWS;) {
    const chunk = rows.after(position, page.limit + 1);
    for (const row of chunk) {
      if (rows.isShown(row)) {
        if (items.length === page.limit) return { items, cursor: encodeCursor(list, position) };
        items.push(itemOf(row));
      }
      position = rows.positionOf(row);
    }
    if (chunk.length <= page.limit) return { items };
    looked += chunk.length;
  }
  return { items, cursor: encodeCursor(list, position) };
}
