import { ownStatement } from './own/own-statement.ts';
import { TokenReader } from './own/token-reader.ts';
import { sqlStatement } from './postgres/sql-statement.ts';
import { HIDDEN } from './secret.ts';
import type { Statement, StatementPlace } from './statement.ts';
import { isMark } from './text/lexer.ts';
import { pieceOf, piecesOf } from './text/pieces.ts';
import type { Piece } from './text/pieces.ts';
import { unsupported, unknownStatement } from './unsupported.ts';

/**
 * The statements of a batch, in order, none of an empty one. All are read before one can run: an error refuses the batch.
 * @throws EngineError with line and column: `syntax_error`, `unsupported_statement`, `invalid_name`, `invalid_argument` of
 * what is beyond `SQL_LIMITS`, `parameter_too_many`
 */
export function parseBatch(sql: string): readonly Statement[] {
  return piecesOf(sql).map((piece) => statementOf(piece, true));
}

function statementOf(piece: Piece, mayActAsOther: boolean): Statement {
  const reader = new TokenReader(piece);
  if (reader.takes('execute')) {
    if (!reader.takes('as', 'user')) throw unknownStatement(piece, 1);
    if (!mayActAsOther) {
      throw unsupported(piece, piece.tokens[0], 'EXECUTE AS USER stands within another: write one of them');
    }
    return executeAsUser(piece, reader);
  }
  const body = ownStatement(reader);
  if (body === undefined) return { ...sqlStatement(piece), ...placeOf(piece) };
  return { ...body, ...placeOf(piece, hidden(piece, reader)) };
}

/** `'user' ( statement )` */
function executeAsUser(piece: Piece, reader: TokenReader): Statement {
  const user = reader.user();
  if (!reader.takesMark('(')) throw reader.unexpected('( with a statement and )');
  const inner = [...reader.rest];
  const last = inner.pop();
  if (!isMark(last, ')'))
    throw piece.places.error('syntax_error', piece.end, 'Expected ) at the end of EXECUTE AS USER');
  while (isMark(inner.at(-1), ';')) inner.pop();
  const innerPiece = pieceOf(inner, piece.code, piece.places);
  if (innerPiece === undefined) {
    throw piece.places.error('syntax_error', last?.start ?? piece.end, 'Expected a statement, found ")"');
  }
  let depth = 0;
  for (const token of inner) {
    if (isMark(token, '(')) depth += 1;
    if (isMark(token, ')')) depth -= 1;
    if (depth < 0) throw piece.places.error('syntax_error', token.end, 'Expected the end of the statement after )');
    if (depth === 0 && isMark(token, ';')) {
      throw piece.places.error('syntax_error', token.start, 'EXECUTE AS USER takes one statement: write one for each');
    }
  }
  const statement = statementOf(innerPiece, false);
  const text =
    piece.code.slice(piece.start, innerPiece.start) + statement.text + piece.code.slice(innerPiece.end, piece.end);
  return { kind: 'execute_as_user', user, statement, ...placeOf(piece, text) };
}

function placeOf(piece: Piece, text = piece.code.slice(piece.start, piece.end)): StatementPlace {
  return { text, ...piece.places.at(piece.start) };
}

function hidden(piece: Piece, { secrets }: TokenReader): string {
  let text = '';
  let from = piece.start;
  for (const { start, end } of secrets) {
    text += `${piece.code.slice(from, start)}'${HIDDEN}'`;
    from = end;
  }
  return text + piece.code.slice(from, piece.end);
}
