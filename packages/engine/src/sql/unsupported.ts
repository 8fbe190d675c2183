import type { Token } from './text/lexer.ts';
import type { Piece } from './text/pieces.ts';

const ACCEPTED =
  'SELECT, INSERT, UPDATE, DELETE, MERGE, EXPLAIN; CREATE, ALTER and DROP of TABLE, VIEW, NAMESPACE, STORAGE and USER; ' +
  'USE, SHOW, DESCRIBE, GRANT, REVOKE, EXECUTE AS USER, KILL, BEGIN, COMMIT, ROLLBACK, SET, RESET';

/** What to write instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  call: 'only queries call functions',
  copy: 'load with INSERT, read with SELECT',
  deallocate: 'send the parameters $1, $2 … with each statement',
  do: 'send the statements one by one',
  from: 'write SELECT * FROM',
  prepare: 'send the parameters $1, $2 … with each statement',
  savepoint: 'use BEGIN, COMMIT and ROLLBACK',
  truncate: 'write DELETE FROM',
};

/** That a statement is none of those that are accepted; `token` is where that is seen. */
export function unsupported(piece: Piece, token: Token | undefined, problem: string): Error {
  return piece.places.error('unsupported_statement', token?.start ?? piece.end, problem);
}

/** The same of a statement that begins with words of no accepted one. */
export function unknownStatement(piece: Piece, words: number): Error {
  const named = piece.tokens
    .slice(0, words)
    .filter(({ kind }) => kind === 'word')
    .map(({ value }) => value.toUpperCase())
    .join(' ');
  const { value } = piece.tokens[0];
  const instead = Object.hasOwn(INSTEAD, value) ? INSTEAD[value] : undefined;
  const hint = instead === undefined ? '' : `: ${instead}`;
  return unsupported(piece, piece.tokens[0], `${named} is not accepted${hint}. Accepted are ${ACCEPTED}`);
}
