import { ProblemError } from '@mooring/nest-runtime';
import { z } from 'zod';

/** Longer than any password that can be set. */
const LONGEST_TEXT = 1024;

export const typedText = (what: string) =>
  z
    .string('must be text')
    .min(1, `is empty: it takes ${what}`)
    .max(LONGEST_TEXT, `must not be longer than ${LONGEST_TEXT} characters`);

export const DEFAULT_PAGE = 50;

export function invalidCursor(): ProblemError {
  return new ProblemError(
    'invalid_cursor',
    'The cursor is none of this list; take it from the page before, unchanged.',
    {
      errors: [{ parameter: 'cursor', detail: 'is none that this list gave' }],
    },
  );
}
