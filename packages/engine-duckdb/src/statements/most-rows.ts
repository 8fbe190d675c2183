import type { Token } from './tokens.ts';

/** Rows of a chunk of DuckDB's. */
const CHUNK_ROWS = 2048;
const COUNT = /^limit\s+(\d{1,4})\s*$/i;
const ONE_QUERY = /^\s*select\b[^;$?]*$/i;
const SEVERAL_ROWS: ReadonlySet<string> = new Set(['from', 'union', 'except', 'intersect', '(']);

/**
 * Whether a query's text alone says that its rows fit into one chunk: by a LIMIT at its end, or since it selects from
 * nothing and calls nothing. Of others it is not known.
 */
export function fitsIntoChunk(sql: string, tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  if (last?.text === 'limit' && !last.quoted) {
    const count = COUNT.exec(sql.slice(last.at))?.[1];
    return count !== undefined && Number(count) <= CHUNK_ROWS;
  }
  const [first] = tokens;
  if (first?.text !== 'select' || first.quoted) return false;
  return tokens.every(({ text, quoted }) => quoted || !SEVERAL_ROWS.has(text));
}

/**
 * Whether a text is one query for certain, so that DuckDB need not say it before it runs: it begins with SELECT, and
 * holds no semicolon, no parameter and no PIVOT, of which DuckDB makes several statements.
 */
export function isOneQuery(sql: string, tokens: readonly Token[]): boolean {
  return ONE_QUERY.test(sql) && !tokens.some(({ text, quoted }) => !quoted && text.startsWith('pivot'));
}
