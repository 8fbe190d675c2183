import { ProblemError } from '@mooring/nest-runtime';
import { z } from 'zod';

/** An object with these members and no others; a fault names those that are unknown. */
export function members<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `has members that are not known here: ${(issue as { keys?: string[] }).keys?.join(', ') ?? ''}`
        : `must be a JSON object with the members ${Object.keys(shape).join(', ')}`,
  });
}

/** Longer than any password that can be set. */
const LONGEST_TEXT = 1024;

export const typedText = (what: string) =>
  z
    .string('must be text')
    .min(1, `is empty: it takes ${what}`)
    .max(LONGEST_TEXT, `must not be longer than ${LONGEST_TEXT} characters`);

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`)
    .meta({ type: 'integer', pattern: undefined, minimum: least, maximum: most });

export const DEFAULT_PAGE = 50;

export const pageQuery = z.object({ limit: wholeNumber(1, 100).optional(), cursor: z.string().max(2048).optional() });
export type PageQuery = z.output<typeof pageQuery>;

export function invalidCursor(): ProblemError {
  return new ProblemError(
    'invalid_cursor',
    'The cursor is none of this list; take it from the page before, unchanged.',
    {
      errors: [{ parameter: 'cursor', detail: 'is none that this list gave' }],
    },
  );
}
