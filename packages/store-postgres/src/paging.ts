import type { Page, PageRequest } from '@mooring/session-store';
import { encodeCursor } from '@mooring/session-store/adapter';

/** A page from one row more than was asked for: the row too many only says that there is a next page. */
export function pageOf<R, T>(
  list: string,
  page: PageRequest,
  rows: readonly R[],
  positionOf: (row: R) => readonly (string | number)[],
  itemOf: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const items = shown.map(itemOf);
  return rows.length > page.limit && last !== undefined
    ? { items, cursor: encodeCursor(list, positionOf(last)) }
    : { items };
}
