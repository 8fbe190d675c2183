import { validation } from '../errors.ts';
import type { Input } from '../input.ts';

/** A page by MaxResults and NextToken. The token is a position and opaque to clients. */
export function pageOf<T>(
  input: Input,
  all: readonly T[],
  most: number,
): { items: readonly T[]; next: string | undefined } {
  const asked = input.integer('MaxResults', 0, most);
  const size = asked === undefined || asked === 0 ? most : asked;
  const from = positionOf(input);
  const next = from + size;
  return { items: all.slice(from, next), next: next < all.length ? tokenAt(next) : undefined };
}

export function positionOf(input: Input): number {
  const token = input.text('NextToken');
  if (token === undefined || token === '') return 0;
  const position = Number(Buffer.from(token, 'base64').toString('utf8').replace(/^at:/, ''));
  if (!Number.isSafeInteger(position) || position < 0 || tokenAt(position) !== token) {
    throw validation('NextToken is invalid.');
  }
  return position;
}

export function tokenAt(position: number): string {
  return Buffer.from(`at:${position}`).toString('base64');
}
