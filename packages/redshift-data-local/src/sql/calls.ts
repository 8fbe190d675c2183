import { FUNCTIONS_SCHEMA, PROVIDED_FUNCTIONS } from './functions.ts';
import { edited, tokensOf } from './tokens.ts';
import type { Edit, Token } from './tokens.ts';
import { wordAt } from './translate.ts';

/** A call of a function: its name, its parentheses, and the commas between its arguments. */
interface Call {
  readonly name: Token;
  readonly word: string;
  readonly open: number;
  readonly close: number;
  readonly commas: readonly number[];
}

const RENAMED: Readonly<Record<string, string>> = { nvl: 'COALESCE', len: 'length', listagg: 'string_agg' };
/** Their first argument is a word, not a value. */
const WITH_DATE_PART: ReadonlySet<string> = new Set(['dateadd', 'datediff', 'date_part']);

/** Redshift's functions under PostgreSQL's names. One at a time, as a call may stand within another. */
export function translateCalls(sql: string): string {
  let text = sql;
  for (let from = 0, rounds = 0; rounds < 1_000; rounds += 1) {
    const tokens = tokensOf(text);
    const index = tokens?.findIndex((_, at) => at >= from && callAt(tokens, at) !== undefined) ?? -1;
    const call = tokens === undefined ? undefined : callAt(tokens, index);
    if (tokens === undefined || call === undefined) return text;
    text = edited(text, editsOf(text, tokens, call));
    from = index + 1;
  }
  return text;
}

function callAt(tokens: readonly Token[], index: number): Call | undefined {
  const name = tokens[index];
  const word = wordAt(tokens, index);
  const known =
    word in RENAMED || WITH_DATE_PART.has(word) || PROVIDED_FUNCTIONS.has(word) || ['decode', 'median'].includes(word);
  if (name === undefined || !known || wordAt(tokens, index + 1) !== '(' || wordAt(tokens, index - 1) === '.')
    return undefined;
  const commas: number[] = [];
  let depth = 0;
  for (let at = index + 1; at < tokens.length; at += 1) {
    const text = tokens[at]?.text;
    if (text === '(' || text === '[') depth += 1;
    if (text === ')' || text === ']') depth -= 1;
    if (text === ',' && depth === 1) commas.push(at);
    if (depth === 0) return { name, word, open: index + 1, close: at, commas };
  }
  return undefined;
}

function editsOf(sql: string, tokens: readonly Token[], call: Call): Edit[] {
  const { name, word, open } = call;
  const renamed = { start: name.start, end: name.end, text: RENAMED[word] ?? name.text };
  if (word === 'listagg') return listagg(sql, tokens, call, renamed);
  if (word === 'median') return median(sql, tokens, call);
  if (word === 'decode') return decode(sql, tokens, call);
  const edits: Edit[] = [PROVIDED_FUNCTIONS.has(word) ? { ...renamed, text: `${FUNCTIONS_SCHEMA}.${word}` } : renamed];
  const part = tokens[open + 1];
  if (WITH_DATE_PART.has(word) && part !== undefined && part.kind !== 'SCONST' && wordAt(tokens, open + 2) === ',') {
    edits.push({ start: part.start, end: part.end, text: `'${part.text.replaceAll('"', '').toLowerCase()}'` });
  }
  return edits;
}

/** `LISTAGG(x, ',') WITHIN GROUP (ORDER BY y)` */
function listagg(sql: string, tokens: readonly Token[], call: Call, renamed: Edit): Edit[] {
  const [first, close] = [tokens[call.open + 1], tokens[call.close]];
  if (first === undefined || close === undefined) return [renamed];
  const distinct = wordAt(tokens, call.open + 1) === 'distinct';
  const value = distinct ? tokens[call.open + 2] : first;
  const endOfValue = tokens[(call.commas[0] ?? call.close) - 1];
  const edits = [renamed];
  if (value !== undefined && endOfValue !== undefined) {
    edits.push({ start: value.start, end: value.start, text: '(' });
    edits.push({
      start: endOfValue.end,
      end: endOfValue.end,
      text: `)::text${call.commas.length === 0 ? ", ''" : ''}`,
    });
  }
  const group = wordAt(tokens, call.close + 1) === 'within' && wordAt(tokens, call.close + 2) === 'group';
  const open = group ? call.close + 3 : -1;
  const end = group ? matching(tokens, open) : undefined;
  if (end !== undefined) {
    const order = piece(sql, tokens[open + 1], tokens[end - 1]);
    edits.push({ start: close.start, end: tokens[end]?.end ?? close.end, text: ` ${order})` });
  }
  return edits;
}

function median(sql: string, tokens: readonly Token[], call: Call): Edit[] {
  const value = piece(sql, tokens[call.open + 1], tokens[call.close - 1]);
  const end = tokens[call.close]?.end ?? call.name.end;
  return [{ start: call.name.start, end, text: `percentile_cont(0.5) WITHIN GROUP (ORDER BY ${value})` }];
}

/** With three arguments and more it is a CASE; with two it is PostgreSQL's own, for bytes. */
function decode(sql: string, tokens: readonly Token[], call: Call): Edit[] {
  if (call.commas.length < 2) return [];
  const bounds = [call.open, ...call.commas, call.close];
  const args = bounds.slice(1).map((end, n) => piece(sql, tokens[(bounds[n] ?? 0) + 1], tokens[end - 1]));
  const [value = '', ...rest] = args;
  let text = 'CASE';
  for (let n = 0; n + 1 < rest.length; n += 2)
    text += ` WHEN (${value}) IS NOT DISTINCT FROM (${rest[n]}) THEN ${rest[n + 1]}`;
  if (rest.length % 2 === 1) text += ` ELSE ${rest.at(-1)}`;
  return [{ start: call.name.start, end: tokens[call.close]?.end ?? call.name.end, text: `${text} END` }];
}

function matching(tokens: readonly Token[], open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at]?.text === '(') depth += 1;
    if (tokens[at]?.text === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

function piece(sql: string, first: Token | undefined, last: Token | undefined): string {
  if (first === undefined || last === undefined) return '';
  return Buffer.from(sql).subarray(first.start, last.end).toString();
}
