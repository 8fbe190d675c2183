/** A word, folded to small letters, or one character that is neither of a word nor of a text. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
  readonly at: number;
}

const BLANK = /[^\x21-\x7e]+|\d+|--[^\n\r]*|'[^']*(?:''[^']*)*'?/y;
const ESCAPED_TEXT = /e'[^'\\]*(?:(?:''|\\[^])[^'\\]*)*'?/iy;
const DOLLAR_TEXT = /\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/y;
const WORD = /[A-Za-z_][\w$]*/y;
const QUOTED_WORD = /"([^"]*(?:""[^"]*)*)"?/y;
const NOT_ASCII = /[\u0080-\uffff]/;

/**
 * The words and marks of a statement, without texts, numbers and comments, as DuckDB's lexer splits it; what is not
 * ASCII is left out. `undefined` where that would depend on which characters DuckDB takes as blanks, or on whether a
 * text goes on in the next one by the rules of its E.
 */
export function tokensOf(sql: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  let mayGoOn = false;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(sql);
  };
  while (at < sql.length) {
    const afterLetter = at > 0 && NOT_ASCII.test(sql.charAt(at - 1));
    if (mayGoOn && sql.startsWith("'", at)) return undefined;
    const blank = match(BLANK);
    const escaped = match(ESCAPED_TEXT);
    const dollar = match(DOLLAR_TEXT);
    if (blank !== null) {
      at += blank[0].length;
    } else if (sql.startsWith('/*', at)) {
      at = endOfComment(sql, at);
    } else if (escaped !== null) {
      if (afterLetter) return undefined;
      at += escaped[0].length;
      mayGoOn = true;
    } else if (dollar !== null) {
      if (afterLetter || NOT_ASCII.test(dollar[0])) return undefined;
      const end = sql.indexOf(dollar[0], at + dollar[0].length);
      at = end < 0 ? sql.length : end + dollar[0].length;
    } else {
      const quoted = match(QUOTED_WORD);
      const found = quoted ?? match(WORD);
      const text = quoted?.[1]?.replaceAll('""', '"') ?? found?.[0] ?? sql.charAt(at);
      tokens.push({ text: text.toLowerCase(), quoted: quoted !== null, at });
      at += found?.[0].length ?? 1;
      mayGoOn = false;
    }
  }
  return tokens;
}

/** Comments nest. */
function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}
