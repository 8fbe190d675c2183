import { loadModule, scanSync } from 'libpg-query';

await loadModule();

export interface Token {
  readonly text: string;
  /** SCONST, IDENT, SQL_COMMENT, … as PostgreSQL's lexer names it. */
  readonly kind: string;
  /** Byte offsets. */
  readonly start: number;
  readonly end: number;
}

/** The tokens without comments, or undefined for a text that has none (an unclosed quote): PostgreSQL shall say so. */
export function tokensOf(sql: string): readonly Token[] | undefined {
  try {
    return scanSync(sql)
      .tokens.filter(({ tokenName }) => tokenName !== 'SQL_COMMENT' && tokenName !== 'C_COMMENT')
      .map(({ text, tokenName, start, end }) => ({ text, kind: tokenName, start, end }));
  } catch {
    return undefined;
  }
}

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with pieces replaced, which must be in order and apart. Offsets are bytes. */
export function edited(sql: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return sql;
  const bytes = Buffer.from(sql);
  let text = '';
  let from = 0;
  for (const edit of edits) {
    text += bytes.subarray(from, edit.start).toString() + edit.text;
    from = edit.end;
  }
  return text + bytes.subarray(from).toString();
}

/** Whether there is nothing but blanks, comments and semicolons. */
export function hasNoStatement(sql: string): boolean {
  return tokensOf(sql)?.every((token) => token.text === ';') ?? false;
}

/** Whether there is more than one statement. */
export function hasSeveralStatements(sql: string): boolean {
  const tokens = tokensOf(sql) ?? [];
  const end = tokens.findIndex((token) => token.text === ';');
  return end !== -1 && tokens.slice(end).some((token) => token.text !== ';') && end > 0;
}
