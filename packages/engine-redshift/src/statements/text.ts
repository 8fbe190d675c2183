import type { EngineError } from '@mooring/engine';
import { failure } from '../errors.ts';

export interface Placeholder {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

const BLANK = /\s+|\d+/y;
const ESCAPED_TEXT = /e'[^'\\]*(?:(?:''|\\[^])[^'\\]*)*'/iy;
const TEXT = /'[^']*(?:''[^']*)*'/y;
const QUOTED_WORD = /"[^"]*(?:""[^"]*)*"/y;
const DOLLAR_TEXT = /\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/y;
const PARAMETER = /\$\d+/y;
const WORD = /[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*/y;

/**
 * Where `$1`, `$2`, … stand in a statement as `parseBatch` gives it: without comments, `U&` and texts in parts. Refuses
 * what the warehouse would read otherwise: to it, a backslash in `'…'` escapes what follows, so that what is a text to the
 * grammar could be a part of the statement.
 *
 * @throws EngineError `unsupported_statement`
 */
export function placeholdersOf(sql: string): readonly Placeholder[] {
  const found: Placeholder[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(sql)?.[0];
  };
  while (at < sql.length) {
    const start = at;
    const escaped = match(ESCAPED_TEXT);
    const dollar = match(DOLLAR_TEXT);
    const parameter = match(PARAMETER);
    const text = match(TEXT);
    if (escaped !== undefined) {
      at += escaped.length;
    } else if (dollar !== undefined) {
      const end = sql.indexOf(dollar, at + dollar.length);
      at = end < 0 ? sql.length : end + dollar.length;
    } else if (parameter !== undefined) {
      at += parameter.length;
      found.push({ number: Number(parameter.slice(1)), start, end: at });
    } else if (text !== undefined) {
      if (text.includes('\\')) {
        throw refused(
          "a backslash in '…' means something else to the warehouse: pass the text as a parameter, or write E'\\\\'",
        );
      }
      at += text.length;
    } else {
      at += (match(BLANK) ?? match(QUOTED_WORD) ?? match(WORD) ?? ' ').length;
    }
  }
  return found;
}

function refused(message: string): EngineError {
  return failure({ code: 'unsupported_statement', message: `A text of the statement is refused: ${message}.` });
}
