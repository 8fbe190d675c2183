import { loadModule, scanSync } from 'libpg-query';
import type { ScanToken } from 'libpg-query';
import { WarehouseError } from '../errors.ts';

await loadModule();

/** 200 KB of SQL, the service's limit (Amazon Redshift Management Guide, "Quotas for the Data API"). */
export const MAX_SQL_BYTES = 200 * 1024;

const MOST_OPENED = 32;
const OPERATOR_RUN = /[~!@#^&|`?+\-*/%<>=]+/g;

/** What can be known of a statement from its tokens alone. */
export interface SqlText {
  readonly sql: string;
  /** Names after a `:`, in order of appearance, each once. */
  readonly parameterNames: readonly string[];
  /** Tokens without comments, with their bytes as offsets. */
  readonly tokens: readonly SqlToken[];
}

export interface SqlToken {
  readonly text: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a single statement with PostgreSQL's own lexer, so that quotes, dollar quotes, nested comments, casts and array
 * slices are what they are. Refuses an empty text, several statements, an unclosed quote, and more than 200 KB.
 */
export function readSql(sql: string): SqlText {
  const bytes = Buffer.byteLength(sql);
  if (bytes > MAX_SQL_BYTES) {
    throw invalid(`The SQL is ${bytes} bytes long, the service takes at most ${MAX_SQL_BYTES}.`, { bytes });
  }
  const tokens = scan(sql).filter((token) => token.kind !== 'SQL_COMMENT' && token.kind !== 'C_COMMENT');
  const end = tokens.findIndex((token) => token.text === ';');
  const statement = end === -1 ? tokens : tokens.slice(0, end);
  if (statement.length === 0) throw invalid('The SQL is empty.', {});
  if (tokens.slice(statement.length).some((token) => token.text !== ';')) {
    throw invalid('The SQL has several statements; send them one by one, or as a batch.', {
      position: tokens[end]?.start ?? 0,
    });
  }
  return { sql, tokens: statement, parameterNames: parameterNames(statement) };
}

/** @throws WarehouseError `invalid_statement` where a quote or comment is not closed, or U+0000 would end the lexer's text */
export function scan(sql: string): SqlToken[] {
  const zero = sql.indexOf('\0');
  if (zero !== -1)
    throw invalid('The SQL has the character U+0000.', { position: Buffer.byteLength(sql.slice(0, zero)) });
  if (opensTooMany(sql)) {
    throw invalid(`The SQL opens more than ${MOST_OPENED} comments directly one after the other.`, {});
  }
  let scanned: ScanToken[];
  try {
    scanned = scanSync(sql).tokens;
  } catch (cause) {
    if (sql.trim().length === 0) return [];
    throw invalid('The SQL can not be read: a quote, a dollar quote or a comment is not closed.', {}, cause);
  }
  return scanned.map((token) => ({ text: token.text, kind: token.tokenName, start: token.start, end: token.end }));
}

/**
 * The lexer reads a run of operator characters anew for each comment that opens in it, which takes the square of the
 * run's length: half a minute for 200 KB of nothing else.
 */
function opensTooMany(sql: string): boolean {
  for (const [run] of sql.matchAll(OPERATOR_RUN)) {
    if (run.split('/*').length - 1 > MOST_OPENED) return true;
  }
  return false;
}

/** A `:` directly before a name or number, unless it is within the brackets of an array slice `[1:2]`. */
function parameterNames(tokens: readonly SqlToken[]): string[] {
  const names = new Set<string>();
  let brackets = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.text === '[') brackets += 1;
    if (token.text === ']') brackets -= 1;
    const next = tokens[index + 1];
    if (token.text !== ':' || next === undefined || next.start !== token.end) continue;
    if (!/^[0-9a-zA-Z_]+$/.test(next.text)) continue;
    if (brackets > 0 && /^\d+$/.test(next.text)) continue;
    names.add(next.text);
  }
  return [...names];
}

function invalid(message: string, details: { bytes?: number; position?: number }, cause?: unknown): WarehouseError {
  return new WarehouseError({ code: 'invalid_statement', message, details, cause });
}
