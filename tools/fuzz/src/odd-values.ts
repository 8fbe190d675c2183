import * as fc from 'fast-check';

/** Texts that readers of a protocol trip over. */
export const oddTexts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '\0', 'null', '../..', '%00', 'x'.repeat(5000), '\ud800', "' or 1=1 --", '__proto__', '{}'),
);

const DEPTHS = [200, 1000, 5000, 20_000];
const NESTED = /"nested (\d+) deep"/g;

/** Values of any kind, as `jsonOf` writes them. */
export const oddValues: fc.Arbitrary<unknown> = fc.oneof(
  oddTexts,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(1e308, -1, 0, 2 ** 53 + 2, 1.5, true, null),
  fc.constantFrom(...DEPTHS).map((depth) => `nested ${depth} deep`),
);

/**
 * A value as JSON. Arrays that are nested deeply are put in as text: `JSON.stringify` calls itself for each level, and
 * its stack ends at some thousands of them, where `JSON.parse` goes on.
 */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    NESTED,
    (_, depth: string) => '['.repeat(Number(depth)) + ']'.repeat(Number(depth)),
  );
}
