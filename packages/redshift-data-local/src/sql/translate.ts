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
  const once = applied(sql, (tokens) => [
    ...words(tokens),
    ...tableClauses(tokens),
    ...settings(tokens),
    ...lateBinding(tokens),
  ]);
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

/** `CREATE VIEW … WITH NO SCHEMA BINDING`: the view is bound all the same. */
function lateBinding(tokens: readonly Token[]): Edit[] {
  const at = tokens.length - (wordAt(tokens, tokens.length - 1) === ';' ? 5 : 4);
  const [first, last] = [tokens[at], tokens[at + 3]];
  const words = [0, 1, 2, 3].map((offset) => wordAt(tokens, at + offset)).join(' ');
  return words === 'with no schema binding' && first !== undefined && last !== undefined
    ? [{ start: first.start, end: last.end, text: '' }]
    : [];
}

function settings(tokens: readonly Token[]): Edit[] {
  if (!SET_VERBS.has(wordAt(tokens, 0))) return [];
  const at = ['session', 'local'].includes(wordAt(tokens, 1)) ? 2 : 1;
  const name = tokens[at];
  return name !== undefined && SETTINGS.has(wordAt(tokens, at))
    ? [{ start: name.start, end: name.end, text: `redshift.${name.text}` }]
    : [];
}

/** `SELECT TOP 5 …`: the limit goes to the end of that SELECT. One of a UNION is left alone, as its end is not its own. */
function topToLimit(sql: string): string {
  return applied(sql, (tokens) =>
    tokens.flatMap((top, at) => {
      const count = tokens[at + 1];
      const before = wordAt(tokens, at - 1);
      const selects = before === 'select' || (before === 'distinct' && wordAt(tokens, at - 2) === 'select');
      if (wordAt(tokens, at) !== 'top' || !selects || count?.kind !== 'ICONST') return [];
      const last = lastOfSelect(tokens, at);
      if (last === undefined) return [];
      return [
        { start: top.start, end: count.end, text: '' },
        { start: last.end, end: last.end, text: ` LIMIT ${count.text}` },
      ];
    }),
  );
}

function lastOfSelect(tokens: readonly Token[], from: number): Token | undefined {
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    const word = wordAt(tokens, at);
    if (depth === 0 && ['union', 'except', 'intersect'].includes(word)) return undefined;
    if (depth === 0 && (word === ')' || word === ';')) return tokens[at - 1];
    if (word === '(') depth += 1;
    if (word === ')') depth -= 1;
  }
  return tokens.at(-1);
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
