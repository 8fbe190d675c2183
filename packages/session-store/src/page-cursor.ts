import { createHash } from 'node:crypto';

/** Names one list of one owner, without saying whose: what a cursor of another list fails to match. */
export function listName(kind: string, ...owner: readonly (string | null)[]): string {
  return `${kind}.${createHash('sha256').update(JSON.stringify(owner)).digest('base64url').slice(0, 16)}`;
}

/** The position after a page, as an opaque cursor: what `decodeCursor` of the same list gives back. */
export function encodeCursor(list: string, position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...position])).toString('base64url');
}

/** The position in a cursor, or undefined when it is none of this list. */
export function decodeCursor(list: string, cursor: string): (string | number)[] | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parsed) || parsed[0] !== list) return undefined;
    const position = parsed.slice(1) as unknown[];
    return position.every(isPart) ? position : undefined;
  } catch {
    return undefined;
  }
}

/** JSON has numbers beyond all that are finite here. */
function isPart(part: unknown): part is string | number {
  return typeof part === 'string' || Number.isFinite(part);
}
