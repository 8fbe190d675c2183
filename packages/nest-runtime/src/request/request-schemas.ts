import { z } from 'zod';

/** A JSON object with these members and no others; a fault names those that are unknown. */
export function members<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `has members that are not known here: ${(issue as { keys?: string[] }).keys?.join(', ') ?? ''}`
        : `must be a JSON object with the members ${Object.keys(shape).join(', ')}`,
  });
}

/** A whole number in a query string. */
export function wholeNumber(least: number, most: number) {
  const range = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, range)
    .transform(Number)
    .refine((value) => value >= least && value <= most, range)
    .meta({ type: 'integer', pattern: undefined, minimum: least, maximum: most });
}

/** Of lists: `limit`, 1 to 100, and the `cursor` of the page before. */
export const pageQuery = z.object({ limit: wholeNumber(1, 100).optional(), cursor: z.string().max(2048).optional() });
export type PageQuery = z.output<typeof pageQuery>;
