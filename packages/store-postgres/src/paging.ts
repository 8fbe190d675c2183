import { createHash } from 'node:crypto';
import type { Page, PageRequest } from '@mooring/session-store';
import { decodeCursor, encodeCursor } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';

/** Names one list of one owner, without saying whose: what a cursor of another list fails to match. */
export function listName(kind: string, ...owner: readonly (string | null)[]): string {
  return `postgres.${kind}.${createHash('sha256').update(JSON.stringify(owner)).digest('base64url').slice(0, 16)}`;
}

/** Where the page starts: what the cursor says, else `start`. */
export function positionIn<P extends readonly (string | number)[]>(
  validation: Validation,
  operation: string,
  list: string,
  page: PageRequest,
  types: readonly ('string' | 'number')[],
  start: P,
): P {
  if (page.cursor === undefined) return start;
  const position = typeof page.cursor === 'string' ? decodeCursor(list, page.cursor) : undefined;
  const fits =
    position?.length === types.length &&
    position.every(
      (part, index) => typeof part === types[index] && (typeof part === 'string' || Number.isSafeInteger(part)),
    );
  if (!fits) throw validation.invalid(operation, 'cursor is not one of this list; take it from the page before');
  return position as readonly (string | number)[] as P;
}

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
