import type { PageRequest } from '@mooring/session-store';
import { decodeCursor } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';
import { digestOf } from './keys.ts';

/** Names one list of one owner, without saying whose: what a cursor of another list fails to match. */
export function listName(kind: string, ...owner: readonly (string | null)[]): string {
  return `dynamodb.${kind}.${digestOf(...owner.map((name) => (name === null ? 0 : name))).slice(0, 16)}`;
}

/** Where the page starts: what the cursor says, else undefined. */
export function positionIn(
  validation: Validation,
  operation: string,
  list: string,
  page: PageRequest,
  types: readonly ('string' | 'number')[],
): readonly (string | number)[] | undefined {
  validation.page(operation, page);
  if (page.cursor === undefined) return undefined;
  const position = typeof page.cursor === 'string' ? decodeCursor(list, page.cursor) : undefined;
  const fits =
    position?.length === types.length &&
    position.every(
      (part, index) => typeof part === types[index] && (typeof part === 'string' || Number.isSafeInteger(part)),
    );
  if (!fits) throw validation.invalid(operation, 'cursor is not one of this list; take it from the page before');
  return position;
}
