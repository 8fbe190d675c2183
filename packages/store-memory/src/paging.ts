import type { Page, PageRequest } from '@mooring/session-store';
import { encodeCursor } from '@mooring/session-store/adapter';

/** The next rows as a page. One row more than asked for is looked for, to know whether this page is the last. */
export function pageOf<Row extends { readonly sequence: number }, T>(
  list: string,
  page: PageRequest,
  rows: Iterable<Row>,
  itemOf: (row: Row) => T,
): Page<T> {
  const items: T[] = [];
  let last = 0;
  for (const row of rows) {
    if (items.length === page.limit) return { items, cursor: encodeCursor(list, [last]) };
    items.push(itemOf(row));
    last = row.sequence;
  }
  return { items };
}
