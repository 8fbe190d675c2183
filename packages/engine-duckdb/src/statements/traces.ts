import { StatementType } from '@duckdb/node-api';
import { isAllowedFunction } from '../functions/allowed-functions.ts';
import type { Token } from './tokens.ts';

/** What may stand before a bracket without being called. */
const NO_CALLS: ReadonlySet<string> = new Set(
  `all and any as between by case cast cube decimal distinct else except exists filter from group having ilike in
  intersect is join lateral like limit materialized not numeric on or over partition recursive rollup select sets some
  then try_cast union using values varchar when where with`.split(/\s+/),
);

/** Of a connection's own: what `random()` gives next. */
export const SEEDS = 'setseed';

/**
 * Whether a statement that ran to its end leaves nothing in its connection that another one could see: a query, of whose
 * functions all are known, and none of which sets anything.
 */
export function leavesNoTrace(type: StatementType, tokens: readonly Token[]): boolean {
  if (type !== StatementType.SELECT) return false;
  return tokens.every(({ text, quoted }, index) => {
    const next = tokens[index + 1];
    const isCall = next?.text === '(' && !next.quoted && (quoted || /^\w/.test(text));
    if (!isCall || (!quoted && NO_CALLS.has(text))) return true;
    return text !== SEEDS && isAllowedFunction(text);
  });
}
