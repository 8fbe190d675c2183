import type { Page, PageRequest } from '@mooring/session-store';
import { encodeCursor } from '@mooring/session-store/adapter';

export type Position = readonly (string | number)[];

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
