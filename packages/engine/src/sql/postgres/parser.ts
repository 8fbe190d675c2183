import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';
import { EngineError } from '../../errors.ts';
import { described } from '../own/token-reader.ts';
import { isMark } from '../text/lexer.ts';
import type { Piece } from '../text/pieces.ts';
import { isTree, treeOf } from './tree.ts';
import type { Tree } from './tree.ts';

await loadModule();

/** The parser can't be trusted any more after it ran out of stack. `checkNesting` keeps that from happening. */
let isBroken = false;

/** One statement as PostgreSQL's own parser reads it. @throws EngineError `syntax_error`, `unavailable` */
export function parsed(piece: Piece): Tree {
  if (isBroken) throw broken();
  const text = piece.code.slice(piece.start, piece.end);
  let statements: readonly unknown[];
  try {
    statements = parseSync(text).stmts ?? [];
  } catch (error) {
    if (hasSqlDetails(error)) {
      throw syntaxError(piece, piece.start + codePoints(text, error.sqlDetails?.cursorPosition ?? 0), error.message);
    }
    isBroken = true;
    throw broken();
  }
  const [only, another] = statements;
  const statement = isTree(only) ? treeOf(only, 'stmt') : undefined;
  if (statement === undefined || another !== undefined) throw syntaxError(piece, piece.start, '');
  return statement;
}

/** What is at a byte of the statement, as the tree's locations have it. */
export function offsetOf(piece: Piece, location: unknown): number {
  if (typeof location !== 'number' || location < 0) return piece.start;
  const bytes = Buffer.from(piece.code.slice(piece.start, piece.end));
  return piece.start + bytes.subarray(0, location).toString().length;
}

/** The parser's message without the piece of the text in it, which may be a value. */
function syntaxError(piece: Piece, offset: number, message: string): EngineError {
  if (message.startsWith('invalid byte sequence')) {
    return piece.places.error('syntax_error', piece.start, "The escapes of an E'…' text are no characters");
  }
  const index = piece.tokens.findIndex(({ end }) => end > offset);
  const token = piece.tokens[index];
  const before = index === -1 ? piece.tokens.at(-1) : piece.tokens[index - 1];
  const isPlaceholder = isMark(token, ':') || (before?.kind === 'operator' && before.value.endsWith('?'));
  const [said = ''] = message.split(/ at (?:or near|end of input)/);
  const problem = /^[A-Za-z ]+$/.test(said) ? said : 'syntax error';
  const place = Math.min(offset, piece.end);
  return piece.places.error(
    'syntax_error',
    place,
    `${problem.charAt(0).toUpperCase()}${problem.slice(1)} at ${described(token)}; the grammar is PostgreSQL's${isPlaceholder ? ', a parameter is written $1' : ''}`,
  );
}

function codePoints(text: string, count: number): number {
  let offset = 0;
  for (let passed = 0; passed < count && offset < text.length; passed += 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

function broken(): EngineError {
  return new EngineError({
    code: 'unavailable',
    message: 'The SQL parser of this process failed and takes no more statements: restart the process',
    retryable: true,
  });
}
