import type { Page, PageRequest } from '@mooring/session-store';
import { decodeCursor, encodeCursor } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';

/** The sequence number that the page starts after (or before, in a list that goes backwards). */
export function positionIn(
  validation: Validation,
  operation: string,
  list: string,
  page: PageRequest,
  start: number,
): number {
  validation.page(operation, page);
  if (page.cursor === undefined) return start;
  const [sequence, ...rest] = (typeof page.cursor === 'string' ? decodeCursor(list, page.cursor) : undefined) ?? [];
  if (!Number.isSafeInteger(sequence) || rest.length > 0) {
    throw validation.invalid(operation, 'cursor is not one of this list; take it from the page before');
  }
  return sequence as number;
}

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
