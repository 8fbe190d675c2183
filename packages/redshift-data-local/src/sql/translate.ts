import { translateCalls } from './calls.ts';
import { CUSTOM_SETTINGS } from './settings.ts';
import { tableClauses } from './table-clauses.ts';
import { edited, tokensOf } from './tokens.ts';
import type { Edit, Token } from './tokens.ts';

const SETTINGS: ReadonlySet<string> = new Set(CUSTOM_SETTINGS);
const SET_VERBS: ReadonlySet<string> = new Set(['set', 'show', 'reset']);

/**
 * Redshift's SQL as PostgreSQL's, where that can be told from the tokens. What is not known goes through as it is, and
 * PostgreSQL answers for it.
 */
export function translate(sql: string): string {
  const once = applied(sql, (tokens) => [...words(tokens), ...tableClauses(tokens), ...settings(tokens)]);
  return topToLimit(translateCalls(once));
}

function applied(sql: string, edits: (tokens: readonly Token[]) => readonly Edit[]): string {
  const tokens = tokensOf(sql);
  if (tokens === undefined) return sql;
  const found = [...edits(tokens)].sort((a, b) => a.start - b.start);
  return edited(
    sql,
    found.filter((edit, index) => index === 0 || edit.start >= (found[index - 1]?.end ?? 0)),
  );
}

/** Words that stand for themselves: SYSDATE, MINUS, APPROXIMATE, `#name`, `varchar(max)`, SUPER. */
function words(tokens: readonly Token[]): Edit[] {
  const edits: Edit[] = [];
  const creates = wordAt(tokens, 0) === 'create' && wordAt(tokens, 1) === 'table';
  for (const [index, token] of tokens.entries()) {
    const word = wordAt(tokens, index);
    const next = tokens[index + 1];
    const replace = (text: string, end = token.end): void => void edits.push({ start: token.start, end, text });
    if (word === 'sysdate' && wordAt(tokens, index - 1) !== '.') replace('redshift_local.sysdate()');
    if (word === 'minus' && index > 0 && ['select', '(', 'all'].includes(wordAt(tokens, index + 1))) replace('EXCEPT');
    if (word === 'approximate' && ['count', 'percentile_disc'].includes(wordAt(tokens, index + 1))) replace('');
    if (token.text === '#' && next?.kind === 'IDENT' && next.start === token.end) {
      const before = wordAt(tokens, index - 1);
      const temporary = (creates && ['table', 'exists'].includes(before)) || before === 'into';
      const makes = temporary && (before === 'into' ? wordAt(tokens, 0) !== 'insert' : true);
      replace(`${makes && before === 'into' ? 'TEMP ' : ''}"#${next.text.toLowerCase()}"`, next.end);
      const table = tokens[1];
      if (creates && makes && before !== 'into' && table !== undefined) {
        edits.push({ start: table.start, end: table.end, text: 'TEMP TABLE' });
      }
    }
    if (word === 'max' && wordAt(tokens, index - 1) === '(' && isCharacterType(wordAt(tokens, index - 2))) {
      const [open, close] = [tokens[index - 1], next];
      if (open !== undefined && close?.text === ')') edits.push({ start: open.start, end: close.end, text: '' });
    }
    if (isTypePosition(tokens, index)) {
      if (word === 'super') replace('jsonb');
      if (word === 'varbyte') replace('bytea', endOfParentheses(tokens, index) ?? token.end);
      if (word === 'nvarchar') replace('varchar');
    }
  }
  return edits;
}

function settings(tokens: readonly Token[]): Edit[] {
  if (!SET_VERBS.has(wordAt(tokens, 0))) return [];
  const at = ['session', 'local'].includes(wordAt(tokens, 1)) ? 2 : 1;
  const name = tokens[at];
  return name !== undefined && SETTINGS.has(wordAt(tokens, at))
    ? [{ start: name.start, end: name.end, text: `redshift.${name.text}` }]
    : [];
}

/** `SELECT TOP 5 …` at the outermost level: the limit goes to the end. */
function topToLimit(sql: string): string {
  const tokens = tokensOf(sql);
  if (tokens === undefined || wordAt(tokens, 0) !== 'select') return sql;
  const at = wordAt(tokens, 1) === 'distinct' ? 2 : 1;
  const [top, count] = [tokens[at], tokens[at + 1]];
  if (wordAt(tokens, at) !== 'top' || top === undefined || count?.kind !== 'ICONST') return sql;
  const last = tokens.findLast((token) => token.text !== ';') ?? count;
  return edited(sql, [
    { start: top.start, end: count.end, text: '' },
    { start: last.end, end: last.end, text: ` LIMIT ${count.text}` },
  ]);
}

export function wordAt(tokens: readonly Token[], index: number): string {
  const token = tokens[index];
  return token === undefined || token.kind === 'SCONST' ? '' : token.text.toLowerCase();
}

function isCharacterType(word: string): boolean {
  return ['varchar', 'nvarchar', 'char', 'varying', 'text'].includes(word);
}

/** After a column's name in a table's definition, after `::` and after AS in a CAST. */
function isTypePosition(tokens: readonly Token[], index: number): boolean {
  if (['::', 'as'].includes(wordAt(tokens, index - 1))) return true;
  const definesTable = ['create', 'alter'].includes(wordAt(tokens, 0));
  return (
    definesTable && ['IDENT', 'UNKNOWN'].includes(tokens[index - 1]?.kind ?? '') && wordAt(tokens, index - 1) !== '.'
  );
}

function endOfParentheses(tokens: readonly Token[], index: number): number | undefined {
  return wordAt(tokens, index + 1) === '(' && wordAt(tokens, index + 3) === ')' ? tokens[index + 3]?.end : undefined;
}
