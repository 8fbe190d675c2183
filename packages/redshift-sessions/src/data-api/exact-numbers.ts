import { isSafeNumber, parse } from 'lossless-json';

/**
 * JSON with integers exact: a bigint where a double would round (beyond 2^53). Most answers hold no such number and
 * take the fast path.
 */
export function parseExact(json: string): unknown {
  return /\d{16}/.test(json) ? parse(json, null, { parseNumber: exactNumber }) : (JSON.parse(json) as unknown);
}

function exactNumber(digits: string): number | bigint {
  return /^-?\d+$/.test(digits) && !isSafeNumber(digits) ? BigInt(digits) : Number(digits);
}
