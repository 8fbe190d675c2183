/** Types by their oid in `pg_type`. */
const BOOL = 16;
const INT8 = 20;
const INT2 = 21;
const INT4 = 23;

/**
 * How values of an answer become JavaScript's, whatever the pool's own parsers are: whole numbers as numbers, all else
 * (json too) as text. A bigint beyond 2^53 is refused, not rounded.
 */
export const VALUE_TYPES = {
  getTypeParser(oid: number): (value: string) => unknown {
    if (oid === INT8 || oid === INT4 || oid === INT2) return wholeNumber;
    if (oid === BOOL) return (value) => value === 't';
    return (value) => value;
  },
};

function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new UnreadableValue('a number beyond 2^53');
  return number;
}

export class UnreadableValue extends Error {}
