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

/** RESET as the SET that it stands for; any other statement as it is. */
export function withoutReset(sql: string, tokens: readonly Token[]): string {
  if (tokens[0]?.text !== 'reset' || tokens[0].quoted) return sql;
  const name = settingOf(tokens);
  return name === undefined ? sql : `SET ${name}=${SETTINGS.get(name)}`;
}
