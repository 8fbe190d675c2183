import type { EngineErrorCode } from '../../errors.ts';
import { SQL_LIMITS } from '../limits.ts';
import { Secret } from '../secret.ts';
import type { RelationName, SecretText } from '../statement.ts';
import { isMark, lowerCase, textOf } from '../text/lexer.ts';
import type { Token } from '../text/lexer.ts';
import type { Piece } from '../text/pieces.ts';

/** Reads the tokens of one statement from left to right. */
export class TokenReader {
  /** Tokens whose text must not be shown. */
  readonly secrets: Token[] = [];
  private next = 0;

  constructor(readonly piece: Piece) {}

  get peeked(): Token | undefined {
    return this.piece.tokens[this.next];
  }

  get rest(): readonly Token[] {
    return this.piece.tokens.slice(this.next);
  }

  /** Whether these words come next. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, index) => {
      const token = this.piece.tokens[this.next + index];
      return token?.kind === 'word' && token.value === word;
    });
  }

  /** Takes these words if they come next, all of them. */
  takes(...words: readonly string[]): boolean {
    const seen = this.sees(...words);
    if (seen) this.next += words.length;
    return seen;
  }

  takesOneOf(...words: readonly string[]): boolean {
    return words.some((word) => this.takes(word));
  }

  takesMark(mark: string): boolean {
    const token = this.peeked;
    const seen = isMark(token, mark) || (token?.kind === 'operator' && token.value === mark);
    if (seen) this.next += 1;
    return seen;
  }

  expects(...words: readonly string[]): void {
    for (const word of words) if (!this.takes(word)) throw this.unexpected(word.toUpperCase());
  }

  ifNotExists(): boolean {
    return this.takes('if', 'not', 'exists');
  }

  ifExists(): boolean {
    return this.takes('if', 'exists');
  }

  /** A word as SQL folds it, or the name in quotes as it stands. */
  name(what: string): string {
    const token = this.peeked;
    if (token?.kind !== 'word' && token?.kind !== 'quoted') throw this.unexpected(what);
    this.next += 1;
    return token.value;
  }

  /** The name of a namespace, storage or table: in lower case also where it stands in quotes. */
  objectName(what: string): string {
    return lowerCase(this.name(what));
  }

  relation(): RelationName {
    const start = this.peeked?.start ?? this.piece.end;
    const first = this.objectName('the name of a table');
    if (!this.takesMark('.')) return { namespace: undefined, name: first };
    const name = this.objectName('the name of a table');
    if (isMark(this.peeked, '.')) {
      throw this.error('invalid_name', start, 'The name of a table has up to two parts, namespace.table');
    }
    return { namespace: first, name };
  }

  /** A user as a name or in single quotes. */
  user(): string {
    const token = this.peeked;
    const user = token?.kind === 'text' ? this.text('the name of a user') : this.name('the name of a user');
    const bytes = Buffer.byteLength(user);
    if (bytes > 0 && bytes <= SQL_LIMITS.nameBytes) return user;
    throw this.error('invalid_name', token?.start ?? 0, `The name of a user has 1 to ${SQL_LIMITS.nameBytes} bytes`);
  }

  text(what: string): string {
    const token = this.peeked;
    if (token?.kind !== 'text') throw this.unexpected(`${what} in single quotes`);
    this.next += 1;
    return textOf(token);
  }

  /** Neither what is there nor where it ends is told by an error or by the statement's text. */
  secret(what: string): SecretText {
    const token = this.peeked;
    if (token?.kind !== 'text') {
      throw this.error('syntax_error', token?.start ?? this.piece.end, `Expected ${what} in single quotes`);
    }
    this.secrets.push(token);
    return new Secret(this.text(what));
  }

  take(): Token | undefined {
    const token = this.peeked;
    if (token !== undefined) this.next += 1;
    return token;
  }

  ends(): void {
    if (this.peeked !== undefined) throw this.unexpected('the end of the statement');
  }

  unexpected(expected: string): Error {
    const token = this.peeked;
    return this.error(
      'syntax_error',
      token?.start ?? this.piece.end,
      `Expected ${expected}, found ${described(token)}`,
    );
  }

  error(code: EngineErrorCode, offset: number, message: string): Error {
    return this.piece.places.error(code, offset, message);
  }
}

/** A token in a message: never what stands in quotes, nor a number. */
export function described(token: Token | undefined): string {
  switch (token?.kind) {
    case undefined:
      return 'the end of the statement';
    case 'word':
    case 'operator':
    case 'mark':
    case 'parameter':
      return `"${token.value}"`;
    case 'quoted':
      return 'a name in quotes';
    case 'number':
      return 'a number';
    default:
      return 'a text';
  }
}
