import { validation } from '../errors.ts';
import type { Input } from '../input.ts';

/** A page by MaxResults and NextToken. The token is a position and opaque to clients. */
export function pageOf<T>(
  input: Input,
  all: readonly T[],
  most: number,
): { readonly items: readonly T[]; readonly next: string | undefined } {
  const size = sizeOf(input, most);
  const from = positionOf(input);
  const next = from + size;
  return { items: all.slice(from, next), next: next < all.length ? tokenAt(next) : undefined };
}

/** The same over a list, newest first, that grows at its head from page to page: the token is where a page ended. */
export function pageBySequence<T extends { readonly sequence: number }>(
  input: Input,
  all: readonly T[],
  most: number,
): { readonly items: readonly T[]; readonly next: string | undefined } {
  const size = sizeOf(input, most);
  const before = positionOf(input) || Number.POSITIVE_INFINITY;
  const left = all.filter(({ sequence }) => sequence < before).sort((a, b) => b.sequence - a.sequence);
  const items = left.slice(0, size);
  const last = items.at(-1);
  return { items, next: last !== undefined && left.length > size ? tokenAt(last.sequence) : undefined };
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

function sizeOf(input: Input, most: number): number {
  const asked = input.integer('MaxResults', 0, most);
  return asked === undefined || asked === 0 ? most : asked;
}
