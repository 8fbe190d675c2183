import { StatementType } from '@duckdb/node-api';
import { EngineError } from '@mooring/engine';
import { isDeniedFunction } from '../functions/denied-functions.ts';
import { SETTING_NAMES, settingOf } from './settings.ts';
import { tokensOf } from './tokens.ts';
import type { Token } from './tokens.ts';
import { SEEDS } from './traces.ts';

const READS = ['select', 'with', 'from', 'values', 'table', 'describe', 'desc', 'show', 'summarize'];
const WRITES = ['insert', 'update', 'delete', 'merge', 'truncate'];
type TransactionStep = 'begin' | 'commit' | 'rollback';

const TRANSACTIONS: ReadonlyMap<string, TransactionStep> = new Map([
  ['begin', 'begin'],
  ['start', 'begin'],
  ['commit', 'commit'],
  ['end', 'commit'],
  ['rollback', 'rollback'],
  ['abort', 'rollback'],
]);
const SET_OPERATORS = new Set(['union', 'except', 'intersect']);
/** Planning takes time that grows with the square of it, and can't be interrupted: under a second for 1000. */
const MOST_SET_OPERATORS = 1000;
const MODIFIERS = new Set(['or', 'replace', 'temp', 'temporary', 'local', 'global', 'recursive', 'unique']);
const OBJECTS = new Set(['table', 'view', 'index', 'schema', 'sequence', 'type']);
const BEGINNINGS = new Set([
  ...READS,
  ...WRITES,
  ...TRANSACTIONS.keys(),
  'create',
  'alter',
  'drop',
  'comment',
  'set',
  'reset',
]);

/** Functions and views of the same names, which show paths and settings of the instance. */
const INNER_NAME = /^(?:duckdb_|pragma_|pg_settings$)/;

const RUN_TYPES = new Set([
  StatementType.SELECT,
  StatementType.INSERT,
  StatementType.UPDATE,
  StatementType.DELETE,
  StatementType.MERGE_INTO,
  StatementType.EXPLAIN,
  StatementType.CREATE,
  StatementType.ALTER,
  StatementType.DROP,
  StatementType.TRANSACTION,
  StatementType.SET,
  StatementType.VARIABLE_SET,
]);

/**
 * Refuses, before DuckDB sees it, what would reach out of the tenant's database or end the process: statements of other
 * kinds than those of the port, and calls of denied functions, wherever they stand. The tenant's instance has neither
 * files nor network nor settings to give away; this holds for what DuckDB does not lock.
 *
 * @returns the statement's tokens
 */
export function requireRunnable(sql: string, readOnly: boolean): readonly Token[] {
  const tokens = sql.includes('\0') ? undefined : tokensOf(sql);
  if (tokens === undefined) {
    throw new EngineError({
      code: 'syntax_error',
      message:
        'The statement holds a NUL, a text that begins right behind a letter that is not ASCII, or one that follows an E text.',
    });
  }
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    const isCall = next?.text === '(' && !next.quoted;
    if (INNER_NAME.test(token.text) || (isCall && isDeniedFunction(token.text))) throw denied(token.text);
  }
  if (tokens.filter(({ text, quoted }) => !quoted && SET_OPERATORS.has(text)).length > MOST_SET_OPERATORS) {
    throw unsupported(`A statement joins at most ${MOST_SET_OPERATORS} queries with UNION, EXCEPT and INTERSECT`);
  }
  requireKind(tokens, readOnly);
  return tokens;
}

/** The second look, with what DuckDB says of the statement that it prepared. */
export function requireRunnableType(type: StatementType): void {
  if (!RUN_TYPES.has(type)) throw unsupported('It is not one of the statements that the embedded engine runs');
}

/** What it does to the connection's transaction, if anything. */
export function transactionStep([first]: readonly Token[]): TransactionStep | undefined {
  if (first === undefined || first.quoted) return undefined;
  return TRANSACTIONS.get(first.text);
}

function requireKind(tokens: readonly Token[], readOnly: boolean): void {
  const words = wordsFrom(tokens, 0);
  if (words[0] === 'explain') {
    requireKind(tokens.slice(afterExplain(tokens)), readOnly);
    return;
  }
  const [first, second] = words;
  if (tokens[0]?.text === '(' && !tokens[0].quoted) return;
  if (first === undefined || !BEGINNINGS.has(first)) {
    throw unsupported(
      'The embedded engine runs queries, changes of rows, tables and views, transactions and SET VARIABLE',
    );
  }
  const isSetting = first === 'set' || first === 'reset';
  if (isSetting && second !== 'variable' && settingOf(tokens) === undefined) {
    throw unsupported(`Of settings, a connection has its own ${SETTING_NAMES.join(', ')}, and variables: SET VARIABLE`);
  }
  if ((first === 'create' || first === 'alter') && tokens.some(({ text }) => text === SEEDS)) throw denied(SEEDS);
  if (first === 'create' || first === 'alter' || first === 'drop') requireObject(first, words, readOnly);
  if (first === 'comment' && readOnly) throw readOnlyStorage();
}

function requireObject(verb: string, words: readonly string[], readOnly: boolean): void {
  const at = words.findIndex((word, index) => index > 0 && !MODIFIERS.has(word));
  const object = words[at];
  if (object === undefined || !OBJECTS.has(object)) {
    throw unsupported('Of objects, the embedded engine has tables, views, indexes, sequences and types');
  }
  if (!readOnly) return;
  const isTemporary = words.slice(1, at).some((word) => word === 'temp' || word === 'temporary');
  const isAllowed = verb === 'create' ? isTemporary && object !== 'schema' : object === 'table';
  if (!isAllowed) throw readOnlyStorage();
}

/** The unquoted words from `start` to the first token that is none. */
function wordsFrom(tokens: readonly Token[], start: number): string[] {
  const end = tokens.findIndex((token, index) => index >= start && (token.quoted || !/^\w/.test(token.text)));
  return tokens.slice(start, end < 0 ? tokens.length : end).map((token) => token.text);
}

/** Behind `EXPLAIN`, `EXPLAIN ANALYZE` or `EXPLAIN (ANALYZE, FORMAT json)`. */
function afterExplain(tokens: readonly Token[]): number {
  let at = 1;
  if (['analyze', 'analyse'].includes(tokens[at]?.text ?? '')) at += 1;
  if (tokens[at]?.text !== '(') return at;
  const close = tokens.findIndex((token, index) => index > at && token.text === ')');
  const options = tokens.slice(at + 1, close).map((token) => token.text);
  return close > 0 && options.some((option) => ['analyze', 'analyse', 'format'].includes(option)) ? close + 1 : at;
}

function denied(name: string): EngineError {
  return new EngineError({
    code: 'forbidden',
    message: `${name} is not for statements: it reaches files, other objects or the engine itself.`,
    facts: { engine: 'duckdb', name },
  });
}

function unsupported(reason: string): EngineError {
  return new EngineError({ code: 'unsupported_statement', message: `${reason}.`, facts: { engine: 'duckdb' } });
}

function readOnlyStorage(): EngineError {
  return new EngineError({
    code: 'unsupported_statement',
    message: 'A Parquet storage is only read: of tables and views, temporary ones can be made.',
    facts: { engine: 'duckdb' },
  });
}
