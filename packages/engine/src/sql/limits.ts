/** What a batch may be. A text beyond one of these is refused before it is parsed. */
export const SQL_LIMITS = {
  /** Bytes of UTF-8. */
  textBytes: 1024 * 1024,
  /** Words, marks and constants: parsing takes about a microsecond for each, and nothing else runs meanwhile. */
  tokens: 400_000,
  statements: 100,
  nameBytes: 63,
  parameters: 50,
  /** Where a pair of brackets or a CASE counts 4, and each operator, word, join and set operation in a row 1. */
  depth: 800,
} as const;
