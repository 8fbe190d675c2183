import type { Parameter } from '../statement.ts';
import { edited, tokensOf } from './tokens.ts';
import type { Edit } from './tokens.ts';

interface Placeholder extends Edit {
  readonly name: string;
}

/** Names after a `:`; not in quotes, comments and casts, and not the bounds of an array slice. */
export function parameterNames(sql: string): readonly string[] {
  return [...new Set(placeholders(sql).map(({ name }) => name))];
}

/** `:name` becomes `$1`: values reach PostgreSQL without a type, so that it infers one as it does for a literal. */
export function bindParameters(
  sql: string,
  parameters: readonly Parameter[],
): { readonly text: string; readonly values: readonly string[] } {
  const values = new Map(parameters.map(({ name, value }) => [name, value]));
  const found = placeholders(sql).filter(({ name }) => values.has(name));
  const order = [...new Set(found.map(({ name }) => name))];
  const edits = found.map(({ start, end, name }) => ({ start, end, text: `$${order.indexOf(name) + 1}` }));
  return { text: edited(sql, edits), values: order.map((name) => values.get(name) ?? '') };
}

function placeholders(sql: string): Placeholder[] {
  const tokens = tokensOf(sql) ?? [];
  const found: Placeholder[] = [];
  let brackets = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.text === '[') brackets += 1;
    if (token.text === ']') brackets -= 1;
    const next = tokens[index + 1];
    if (token.text !== ':' || next === undefined || next.start !== token.end) continue;
    if (!/^[0-9a-zA-Z_]+$/.test(next.text) || (brackets > 0 && /^\d+$/.test(next.text))) continue;
    found.push({ name: next.text, start: token.start, end: next.end, text: '' });
  }
  return found;
}
