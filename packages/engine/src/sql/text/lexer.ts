import { SQL_LIMITS } from '../limits.ts';
import type { Places } from './places.ts';

export interface Token {
  /** `text` is a string constant. A mark is one of `( ) [ ] , ; . .. : :: :=` */
  readonly kind: 'word' | 'quoted' | 'text' | 'number' | 'parameter' | 'operator' | 'mark';
  /** A word in lower case, the name in quotes, everything else as it is written. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface LexedText {
  /** The text with blanks for comments, each as long as the comment. */
  readonly code: string;
  readonly tokens: readonly Token[];
}

const BLANKS = /[ \t\n\r\f\v]+/y;
const ASCII_WORD = /[A-Za-z_][\w$]*/y;
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy;
const NUMBER = /(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const PARAMETER = /\$\d+/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const LONGEST_OPERATOR = 63;
const OPERATOR = /[~!@#^&|`?+\-*/%<>=]{1,64}/y;
/** Operators with one of these may end in + or -, others may not: `a=-1` is `a = -1`. */
const MAY_END_IN_SIGN = /[~!@#^&|`?%]/;
/** Blanks and invisible characters, which some engines read as a space in a name, others as a part of it. */
const UNFIT_IN_NAMES = /(?! )[\p{Z}\p{C}]/u;

/**
 * Reads a batch as PostgreSQL's lexer does, and refuses what other engines read differently: DuckDB takes U+00A0 outside of
 * quotes for a space. Comments are gone from what goes on.
 * @throws EngineError with the place of what is not closed or not allowed
 */
export function lex(sql: string, places: Places): LexedText {
  return new Lexer(sql, places).run();
}

class Lexer {
  private readonly tokens: Token[] = [];
  private readonly code: string[] = [];
  private copied = 0;
  private at = 0;
  private matched = 0;

  constructor(
    private readonly sql: string,
    private readonly places: Places,
  ) {}

  run(): LexedText {
    while (this.at < this.sql.length) this.next();
    this.code.push(this.sql.slice(this.copied));
    return { code: this.code.join(''), tokens: this.tokens };
  }

  private next(): void {
    const { sql, at } = this;
    const character = sql[at] ?? '';
    const two = sql.slice(at, at + 2);
    if (this.match(BLANKS)) this.at = this.matched;
    else if (two === '--') this.comment(this.lineEnd());
    else if (two === '/*') this.comment(this.commentEnd());
    else if (two === '..' || two === '::' || two === ':=') this.add('mark', at + 2);
    else if (character === "'") this.text();
    else if (character === '"') this.quotedName();
    else if (this.match(NUMBER)) this.number();
    else if (character === '$') this.dollar();
    else if (this.match(ASCII_WORD) || sql.charCodeAt(at) > 127) this.word();
    else if (this.match(OPERATOR)) this.operator();
    else if ('()[],;:.'.includes(character)) this.add('mark', at + 1);
    else throw this.unfit(at);
  }

  private match(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.sql)) return false;
    this.matched = pattern.lastIndex;
    return true;
  }

  private add(kind: Token['kind'], end: number, value = this.sql.slice(this.at, end)): void {
    this.tokens.push({ kind, value, start: this.at, end });
    this.at = end;
  }

  private comment(end: number): void {
    this.code.push(this.sql.slice(this.copied, this.at), ' '.repeat(end - this.at));
    this.copied = end;
    this.at = end;
  }

  private lineEnd(): number {
    const end = /[\n\r]/g;
    end.lastIndex = this.at;
    return end.exec(this.sql)?.index ?? this.sql.length;
  }

  private commentEnd(): number {
    const edge = /\/\*|\*\//g;
    edge.lastIndex = this.at + 2;
    for (let depth = 1, found = edge.exec(this.sql); found !== null; found = edge.exec(this.sql)) {
      depth += found[0] === '/*' ? 1 : -1;
      if (depth === 0) return edge.lastIndex;
    }
    throw this.unclosed('comment', '*/');
  }

  /** After the closing quote of what opens at `from`; a doubled quote does not close. */
  private quoteEnd(from: number, quote: string): number {
    for (let end = this.sql.indexOf(quote, from + 1); end !== -1; end = this.sql.indexOf(quote, end + 2)) {
      if (this.sql[end + 1] !== quote) return end + 1;
    }
    throw this.unclosed(quote === '"' ? 'name' : 'text', quote);
  }

  /** Texts on two lines would be one text, by the rules of the first. */
  private text(): void {
    if (this.tokens.at(-1)?.kind === 'text') {
      throw this.places.error('syntax_error', this.at, 'A text follows another: write one, or put || between them');
    }
    this.add('text', this.quoteEnd(this.at, "'"));
  }

  private escapedEnd(from: number): number {
    const edge = /\\[\s\S]?|''?/g;
    edge.lastIndex = from + 1;
    for (let found = edge.exec(this.sql); found !== null; found = edge.exec(this.sql)) {
      if (found[0] === "'") return edge.lastIndex;
    }
    throw this.unclosed('text', "'");
  }

  private quotedName(): void {
    const end = this.quoteEnd(this.at, '"');
    const name = this.sql.slice(this.at + 1, end - 1).replaceAll('""', '"');
    if (name === '') throw this.places.error('invalid_name', this.at, 'A name in quotes is empty');
    const unfit = UNFIT_IN_NAMES.exec(name)?.[0];
    if (unfit !== undefined) {
      throw this.places.error('invalid_name', this.at, `A name in quotes has ${codePoint(unfit)}: leave it out`);
    }
    this.checkLength(name);
    this.add('quoted', end, name);
  }

  private word(): void {
    const { sql, at } = this;
    const following = sql.slice(at + 1, at + 3);
    if (/^[uU]$/.test(sql[at] ?? '') && /^&['"]/.test(following)) {
      throw this.places.error(
        'syntax_error',
        at,
        'U& is not accepted: write the characters themselves in plain quotes',
      );
    }
    if (!this.match(WORD)) throw this.unfit(at);
    const end = this.matched;
    if (end === at + 1 && sql[end] === "'") {
      if (/^[eE]$/.test(sql[at] ?? '')) return this.add('text', this.escapedEnd(end));
      if (/^[bBxX]$/.test(sql[at] ?? '')) {
        throw this.places.error('syntax_error', at, 'Bit strings are not accepted, for engines read them differently');
      }
    }
    const name = lowerCase(sql.slice(at, end));
    this.checkLength(name);
    this.add('word', end, name);
  }

  /** `0x1F` is `0 AS x1F` to some engines, and `1_000` is `1 AS _000`. */
  private number(): void {
    if (/[A-Za-z_\u0080-\uffff]/.test(this.sql[this.matched] ?? '')) {
      throw this.places.error(
        'syntax_error',
        this.at,
        'A number runs into a word: write it in digits, with a blank after it',
      );
    }
    this.add('number', this.matched);
  }

  private dollar(): void {
    if (this.match(PARAMETER)) return this.add('parameter', this.matched);
    if (!this.match(DOLLAR_QUOTE)) {
      throw this.places.error('syntax_error', this.at, 'A $ stands alone: parameters are written $1, $2 and so on');
    }
    const tag = this.sql.slice(this.at, this.matched);
    const end = this.sql.indexOf(tag, this.matched);
    if (end === -1) throw this.unclosed('text', 'the same $…$ that opens it');
    this.add('text', end + tag.length);
  }

  private operator(): void {
    let run = this.sql.slice(this.at, this.matched);
    const comment = run.search(/--|\/\*/);
    if (comment > 0) run = run.slice(0, comment);
    if (run.length > LONGEST_OPERATOR) {
      throw this.places.error('syntax_error', this.at, `An operator is longer than ${LONGEST_OPERATOR} characters`);
    }
    if (!MAY_END_IN_SIGN.test(run)) run = run.replace(/(?<=.)[+-]+$/, '');
    this.add('operator', this.at + run.length);
  }

  private checkLength(name: string): void {
    const bytes = Buffer.byteLength(name);
    if (bytes <= SQL_LIMITS.nameBytes) return;
    throw this.places.error(
      'invalid_name',
      this.at,
      `A name is ${bytes} bytes long, at most ${SQL_LIMITS.nameBytes} are accepted`,
      { bytes, limit: SQL_LIMITS.nameBytes },
    );
  }

  private unclosed(what: string, close: string): Error {
    return this.places.error('syntax_error', this.at, `The ${what} that begins here is not closed: add ${close}`);
  }

  private unfit(at: number): Error {
    const found = codePoint(this.sql.slice(at, at + 2));
    return this.places.error(
      'syntax_error',
      at,
      `${found} stands outside of quotes: remove it, or quote the name or text`,
    );
  }
}

export function isMark(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'mark' && token.value === mark;
}

/** As SQL folds names: A to Z only. */
export function lowerCase(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const ESCAPE = /''|\\(?:([0-7]{1,3})|x([\dA-Fa-f]{1,2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|([\s\S]))/g;

/** What a token of the kind `text` says. */
export function textOf(token: Token): string {
  const { value } = token;
  if (value.startsWith('$')) {
    const tag = value.indexOf('$', 1) + 1;
    return value.slice(tag, -tag);
  }
  if (value.startsWith("'")) return value.slice(1, -1).replaceAll("''", "'");
  return value
    .slice(2, -1)
    .replaceAll(
      ESCAPE,
      (whole: string, octal?: string, hex?: string, short?: string, long?: string, plain?: string) => {
        if (whole === "''") return "'";
        if (plain !== undefined) return ESCAPES[plain] ?? plain;
        const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8);
        return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
      },
    );
}
