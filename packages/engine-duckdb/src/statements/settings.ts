import type { Token } from './tokens.ts';

/** Settings of a connection's own, with what RESET makes of them: DuckDB would take the process's time zone. */
const SETTINGS: ReadonlyMap<string, string> = new Map([
  ['timezone', "'UTC'"],
  ['default_null_order', "'NULLS_LAST'"],
  ['default_order', "'ASCENDING'"],
  ['integer_division', 'false'],
]);

/** By name, for DuckDB's `allowed_configs`. */
export const SETTING_NAMES: readonly string[] = [...SETTINGS.keys()];

/** Whether SET and RESET of it stay within the connection. */
export function isOwnSetting(name: string): boolean {
  return SETTINGS.has(name.toLowerCase());
}

/**
 * The setting of `SET name …`, `SET SESSION name …`, `SET TIME ZONE …` or RESET; `undefined` of all other forms, such as
 * SET GLOBAL, which would reach the tenant's other connections.
 */
export function settingOf(tokens: readonly Token[]): string | undefined {
  const rest = tokens.slice(tokens[1]?.text === 'session' ? 2 : 1);
  const [name, second] = rest;
  if (name === undefined || name.quoted) return undefined;
  if (name.text === 'time' && second?.text === 'zone') return 'timezone';
  return SETTINGS.has(name.text) ? name.text : undefined;
}

/**
 * SET and RESET of a setting as the SET SESSION that they stand for, without which DuckDB sets some of them for all of the
 * instance's connections; any other statement as it is.
 */
export function ofSession(sql: string, tokens: readonly Token[]): string {
  const [first, second] = tokens;
  if (first === undefined || first.quoted || (first.text !== 'set' && first.text !== 'reset')) return sql;
  const name = settingOf(tokens);
  if (name === undefined || second === undefined) return sql;
  if (first.text === 'reset') return `SET SESSION ${name}=${SETTINGS.get(name)}`;
  return second.text === name ? `SET SESSION ${sql.slice(second.at)}` : sql;
}
