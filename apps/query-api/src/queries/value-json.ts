import type { Row, Value } from '@mooring/redshift-sessions';

/**
 * Exact in any JSON reader: a whole number beyond 2^53-1 is text, and so is every NUMERIC (the warehouse gives it as
 * text, with its scale). NaN and the infinities are text too, since JSON has none. The columns tell the types.
 */
export function jsonOfRow(row: Row): JsonCell[] {
  return row.map(jsonOfValue);
}

export type JsonCell = string | number | boolean | null;

export function jsonOfValue(value: Value): JsonCell {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
