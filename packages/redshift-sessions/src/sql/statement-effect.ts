import type { SqlToken } from './sql-text.ts';

/**
 * What a statement leaves behind in the session that runs it: nothing; settings or an open transaction, which RESET ALL
 * and ROLLBACK undo; or anything else, such as a temporary table, which only the end of the session does.
 */
export type StatementEffect = 'pure' | 'settings' | 'dirty';

/** Statements whose effect ends with them, on a session that is in no transaction. */
const PURE_STATEMENTS: ReadonlySet<string> = new Set([
  'select',
  'with',
  'values',
  'table',
  'insert',
  'update',
  'delete',
  'merge',
  'truncate',
  'create',
  'alter',
  'drop',
  'grant',
  'revoke',
  'comment',
  'copy',
  'unload',
  'analyze',
  'analyse',
  'vacuum',
  'explain',
  'show',
  'refresh',
  'commit',
  'rollback',
  'end',
  'abort',
]);

const SETTING_STATEMENTS: ReadonlySet<string> = new Set(['set', 'reset', 'begin', 'start']);

/** Functions that change the session they run in. */
const STATEFUL_FUNCTIONS: ReadonlySet<string> = new Set([
  'set_config',
  'set_session_context',
  'setseed',
  'pg_advisory_lock',
  'pg_advisory_lock_shared',
  'pg_try_advisory_lock',
  'pg_try_advisory_lock_shared',
  'dblink_connect',
]);

/** Functions that run SQL which stands in a text, where it is not seen. */
const SQL_FUNCTIONS: ReadonlySet<string> = new Set([
  'query_to_xml',
  'query_to_xmlschema',
  'query_to_xml_and_xmlschema',
  'ts_stat',
  'ts_rewrite',
  'dblink',
  'dblink_exec',
  'dblink_open',
]);

/**
 * `pure` only for what is known to leave nothing: no SET, no open transaction, no temporary table, no prepared
 * statement or cursor. Whatever is not known is `dirty`. This decides hygiene; what keeps tenants apart is the pool
 * key.
 */
export function statementEffect(tokens: readonly SqlToken[]): StatementEffect {
  const words = tokens.map((token) => (token.kind === 'SCONST' ? '' : token.text.toLowerCase().replaceAll('"', '')));
  const first = words.find((word) => word !== '(') ?? '';
  // Writing to this view is SET by another name.
  if (SETTING_STATEMENTS.has(first) || (words.includes('pg_settings') && words.includes('update'))) return 'settings';
  if (!PURE_STATEMENTS.has(first)) return 'dirty';
  if (tokens.some(({ text }) => /^u&"/i.test(text))) return 'dirty';
  const called = words.filter((_, index) => words[index + 1] === '(');
  if (called.some((name) => STATEFUL_FUNCTIONS.has(name) || SQL_FUNCTIONS.has(name))) return 'dirty';
  return makesTemporary(words) ? 'dirty' : 'pure';
}

/** CREATE TEMP, `#name`, SELECT INTO TEMP; also a schema that names the session's own. */
function makesTemporary(words: readonly string[]): boolean {
  const statementMakes = words.includes('create') || words.includes('into');
  if (words.some((word) => word.startsWith('#') || word.startsWith('pg_temp'))) return true;
  return statementMakes && words.some((word) => word === 'temp' || word === 'temporary');
}
