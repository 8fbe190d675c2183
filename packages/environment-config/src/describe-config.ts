import { valuesOf } from './load-config.ts';
import type { Environment } from './load-config.ts';
import { variablesOf } from './variables.ts';
import type { ConfigSchema, ConfigVariable } from './variables.ts';

export interface ConfigSetting extends ConfigVariable {
  /** Where the value comes from; `unset` when there is none. */
  readonly source: 'environment' | 'default' | 'unset';
  /** For a person to read: a secret is `[secret]`. Absent when unset. */
  readonly value?: string;
}

/** Every variable with its effective value, secrets redacted. Without an environment it describes the defaults. */
export function describeConfig(schema: ConfigSchema, env: Environment = {}): ConfigSetting[] {
  const variables = variablesOf(schema);
  const values = valuesOf(variables, env);
  return variables.map((variable) => {
    const given = values[variable.variable];
    if (given !== undefined) {
      return { ...variable, source: 'environment', value: variable.secret ? '[secret]' : given };
    }
    if (variable.default !== undefined) return { ...variable, source: 'default', value: variable.default };
    return { ...variable, source: 'unset' };
  });
}

/**
 * What of the environment must never reach a log: the value of each secret variable, whole and in its parts (list
 * entries, the password of a URL). For `createLogger`.
 */
export function secretsOf(schema: ConfigSchema, env: Environment): string[] {
  const variables = variablesOf(schema).filter(({ secret }) => secret);
  return Object.values(valuesOf(variables, env)).flatMap(partsOf);
}

const SHORTEST_SECRET = 6;

function partsOf(value: string): string[] {
  const entries = value.split(/[\s,]+/);
  const parts = [value, ...entries, ...entries.map((entry) => entry.replace(/=[^=]*$/, ''))];
  if (URL.canParse(value)) {
    const { password } = new URL(value);
    parts.push(password, unescaped(password));
  }
  return [...new Set(parts)].filter((part) => part.length >= SHORTEST_SECRET);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A Markdown table of the variables, for the reference. */
export function configReference(schema: ConfigSchema): string {
  const rows = variablesOf(schema).map((variable) => [
    `\`${variable.variable}\`${variable.required ? ' (required)' : ''}`,
    `${variable.description}${variable.secret ? ' Secret: never printed.' : ''}`,
    variable.takes,
    variable.default === undefined ? '' : `\`${variable.default}\``,
  ]);
  const lines = [['variable', 'what it is', 'takes', 'default'], ['---', '---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.map(inCell).join(' | ')} |`).join('\n');
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
