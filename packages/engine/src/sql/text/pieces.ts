import { EngineError } from '../../errors.ts';
import { SQL_LIMITS } from '../limits.ts';
import { isMark, lex } from './lexer.ts';
import type { Token } from './lexer.ts';
import { checkNesting } from './nesting.ts';
import { Places } from './places.ts';

/** One statement of a batch, not yet understood. */
export interface Piece {
  readonly tokens: readonly [Token, ...Token[]];
  /** The whole batch, with blanks for comments. */
  readonly code: string;
  readonly start: number;
  readonly end: number;
  readonly places: Places;
}

/**
 * The statements of a batch: what stands between semicolons that are not in parentheses. Empty ones are left out.
 * @throws EngineError
 */
export function piecesOf(sql: string): readonly Piece[] {
  const places = new Places(sql);
  checkCharacters(sql, places);
  const { code, tokens } = lex(sql, places);
  if (tokens.length > SQL_LIMITS.tokens) throw tooMany('words, marks and constants', 'tokens', 0, places);
  const pieces: Piece[] = [];
  let depth = 0;
  let from = 0;
  for (let index = 0; index <= tokens.length; index += 1) {
    const token = tokens[index];
    if (isMark(token, '(')) depth += 1;
    if (isMark(token, ')')) depth = Math.max(0, depth - 1);
    if (token !== undefined && (!isMark(token, ';') || depth > 0)) continue;
    const piece = pieceOf(tokens.slice(from, index), code, places);
    if (piece !== undefined) pieces.push(piece);
    if (pieces.length > SQL_LIMITS.statements) {
      throw tooMany('statements', 'statements', piece?.start ?? 0, places);
    }
    from = index + 1;
  }
  for (const piece of pieces) checkNesting(piece.tokens, places);
  return pieces;
}

export function pieceOf(tokens: readonly Token[], code: string, places: Places): Piece | undefined {
  const [first, ...others] = tokens;
  if (first === undefined) return undefined;
  return { tokens: [first, ...others], code, start: first.start, end: (others.at(-1) ?? first).end, places };
}

function checkCharacters(sql: string, places: Places): void {
  const bytes = Buffer.byteLength(sql);
  if (bytes > SQL_LIMITS.textBytes) {
    throw new EngineError({
      code: 'invalid_argument',
      message: `The SQL is ${bytes} bytes long, at most ${SQL_LIMITS.textBytes} are accepted: send it in parts`,
      facts: { bytes, limit: SQL_LIMITS.textBytes },
    });
  }
  const zero = sql.indexOf('\0');
  if (zero !== -1) throw places.error('syntax_error', zero, 'The SQL has a NUL character: remove it');
  const half = sql.search(/\p{Cs}/u);
  if (half !== -1) {
    throw places.error('syntax_error', half, 'The SQL has half a surrogate pair, which is no character: remove it');
  }
}

function tooMany(what: string, name: 'tokens' | 'statements', offset: number, places: Places): EngineError {
  const limit = SQL_LIMITS[name];
  return places.error('invalid_argument', offset, `The batch has more than ${limit} ${what}: send it in parts`, {
    limit,
  });
}
