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

const RENAMED = new Map([
  ['nvl', 'COALESCE'],
  ['len', 'length'],
  ['textlen', 'length'],
]);
/** Their first argument is a word, not a value. */
const WITH_DATE_PART: ReadonlySet<string> = new Set(['dateadd', 'datediff', 'date_part']);
/** A text among their arguments is a timestamp. */
const OF_TIMES: ReadonlySet<string> = new Set(['dateadd', 'datediff', 'trunc']);
/** Parts of a time that are whole numbers. */
const WHOLE_PARTS: ReadonlySet<string> = new Set([
  ...['century', 'decade', 'year', 'quarter', 'month', 'week', 'day', 'dow', 'doy', 'hour', 'minute'],
]);
/** They change shape, so that a call within their arguments moves along. */
const RESHAPED: ReadonlySet<string> = new Set(['listagg', 'median', 'decode', 'nvl2', 'convert', 'extract']);

/** Redshift's functions under PostgreSQL's names. */
export function translateCalls(sql: string): string {
  const tokens = tokensOf(sql);
  if (tokens === undefined) return sql;
  const renames = tokens.flatMap((_, index) => {
    const call = callAt(tokens, index);
    return call === undefined || RESHAPED.has(call.word) ? [] : renamed(tokens, call);
  });
  return reshaped(
    edited(
      sql,
      renames.sort((a, b) => a.start - b.start),
    ),
  );
}

/** One call at a time, the last first, so that those within its arguments are done. */
function reshaped(sql: string): string {
  let text = sql;
  for (let before = Number.POSITIVE_INFINITY; ;) {
    const tokens = tokensOf(text) ?? [];
    const index = tokens.findLastIndex((_, at) => at < before && RESHAPED.has(callAt(tokens, at)?.word ?? ''));
    const call = callAt(tokens, index);
    if (call === undefined) return text;
    text = edited(text, reshape(text, tokens, call));
    before = index;
  }
}

function callAt(tokens: readonly Token[], index: number): Call | undefined {
  const name = tokens[index];
  const word = wordAt(tokens, index);
  const known = RENAMED.has(word) || WITH_DATE_PART.has(word) || PROVIDED_FUNCTIONS.has(word) || RESHAPED.has(word);
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

function renamed(tokens: readonly Token[], { name, word, open, close, commas }: Call): Edit[] {
  const text = PROVIDED_FUNCTIONS.has(word) ? `${FUNCTIONS_SCHEMA}.${word}` : (RENAMED.get(word) ?? name.text);
  const edits: Edit[] = [{ start: name.start, end: name.end, text }];
  const part = tokens[open + 1];
  if (WITH_DATE_PART.has(word) && part !== undefined && part.kind !== 'SCONST' && wordAt(tokens, open + 2) === ',') {
    edits.push({ start: part.start, end: part.end, text: `'${part.text.replaceAll('"', '').toLowerCase()}'` });
  }
  if (!OF_TIMES.has(word)) return edits;
  const first = WITH_DATE_PART.has(word) ? 1 : 0;
  for (const [from, end] of argumentsOf(open, close, commas).slice(first)) {
    const last = tokens[end - 1];
    if (last !== undefined && isText(tokens, from, end)) {
      edits.push({ start: last.end, end: last.end, text: '::timestamp' });
    }
  }
  return edits;
}

/** A literal and nothing else. */
function isText(tokens: readonly Token[], from: number, end: number): boolean {
  return end === from + 1 && tokens[from]?.kind === 'SCONST';
}

/** Where each argument begins and ends, the end not included. */
function argumentsOf(open: number, close: number, commas: readonly number[]): readonly (readonly [number, number])[] {
  const bounds = [open, ...commas, close];
  return bounds.slice(1).map((end, n) => [(bounds[n] ?? open) + 1, end] as const);
}

function reshape(sql: string, tokens: readonly Token[], call: Call): Edit[] {
  if (call.word === 'listagg') return listagg(sql, tokens, call);
  if (call.word === 'median') return median(sql, tokens, call);
  if (call.word === 'decode') return decode(sql, tokens, call);
  if (call.word === 'nvl2') return nvl2(sql, tokens, call);
  return call.word === 'convert' ? convert(sql, tokens, call) : extract(tokens, call);
}

/** `LISTAGG(x, ',') WITHIN GROUP (ORDER BY y)` */
function listagg(sql: string, tokens: readonly Token[], call: Call): Edit[] {
  const name = { start: call.name.start, end: call.name.end, text: 'string_agg' };
  const [first, close] = [tokens[call.open + 1], tokens[call.close]];
  if (first === undefined || close === undefined) return [name];
  const distinct = wordAt(tokens, call.open + 1) === 'distinct';
  const value = distinct ? tokens[call.open + 2] : first;
  const endOfValue = tokens[(call.commas[0] ?? call.close) - 1];
  const edits = [name];
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
  const args = argumentsOf(call.open, call.close, call.commas).map(([from, end]) =>
    piece(sql, tokens[from], tokens[end - 1]),
  );
  const [value = '', ...rest] = args;
  let text = 'CASE';
  for (let n = 0; n + 1 < rest.length; n += 2)
    text += ` WHEN (${value}) IS NOT DISTINCT FROM (${rest[n]}) THEN ${rest[n + 1]}`;
  if (rest.length % 2 === 1) text += ` ELSE ${rest.at(-1)}`;
  return [{ start: call.name.start, end: tokens[call.close]?.end ?? call.name.end, text: `${text} END` }];
}

function nvl2(sql: string, tokens: readonly Token[], call: Call): Edit[] {
  const [value, some, none, more] = argumentsOf(call.open, call.close, call.commas).map(([from, end]) =>
    piece(sql, tokens[from], tokens[end - 1]),
  );
  if (none === undefined || more !== undefined) return [];
  const text = `CASE WHEN (${value}) IS NOT NULL THEN ${some} ELSE ${none} END`;
  return [{ start: call.name.start, end: tokens[call.close]?.end ?? call.name.end, text }];
}

/** Where PostgreSQL answers a NUMERIC, Redshift answers an INTEGER. */
function extract(tokens: readonly Token[], call: Call): Edit[] {
  const end = tokens[call.close]?.end;
  if (end === undefined || !WHOLE_PARTS.has(wordAt(tokens, call.open + 1))) return [];
  return [
    { start: call.name.start, end: call.name.start, text: 'CAST(' },
    { start: end, end, text: ' AS int)' },
  ];
}

/** `CONVERT(type, value)`; with three arguments it is PostgreSQL's own, for encodings. */
function convert(sql: string, tokens: readonly Token[], call: Call): Edit[] {
  const [comma] = call.commas;
  if (comma === undefined || call.commas.length !== 1) return [];
  const type = piece(sql, tokens[call.open + 1], tokens[comma - 1]);
  const value = piece(sql, tokens[comma + 1], tokens[call.close - 1]);
  const end = tokens[call.close]?.end ?? call.name.end;
  return [{ start: call.name.start, end, text: `CAST(${value} AS ${type})` }];
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
