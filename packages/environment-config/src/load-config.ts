import type { z } from 'zod';
import { closestName } from './closest-name.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigFault } from './config-error.ts';
import { variablesOf } from './variables.ts';
import type { ConfigSchema, ConfigVariable } from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadConfigOptions {
  /** Every variable with this prefix must be one of the schema. Default `MOORING_`. */
  readonly prefix?: string;
  /** Prefixes of variables that belong to others and are let be, such as `MOORING_TEST_`. Default none. */
  readonly foreign?: readonly string[];
}

/**
 * Parses the environment once. A variable that is empty counts as absent.
 *
 * @throws ConfigError with all faults at once.
 */
export function loadConfig<S extends ConfigSchema>(
  schema: S,
  env: Environment,
  options: LoadConfigOptions = {},
): z.output<S> {
  const variables = variablesOf(schema);
  const faults = unknownVariables(variables, env, options);
  const parsed = schema.safeParse(valuesOf(variables, env));
  for (const issue of parsed.error?.issues ?? []) faults.push(faultOf(issue, variables, env));
  if (faults.length > 0) throw new ConfigError(faults);
  return parsed.data as z.output<S>;
}

/** The variables that are set, and only those of the schema. */
export function valuesOf(variables: readonly ConfigVariable[], env: Environment): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { variable } of variables) {
    const value = env[variable];
    if (value !== undefined && value.trim() !== '') values[variable] = value;
  }
  return values;
}

function unknownVariables(
  variables: readonly ConfigVariable[],
  env: Environment,
  { prefix = 'MOORING_', foreign = [] }: LoadConfigOptions,
): ConfigFault[] {
  const known = variables.map(({ variable }) => variable);
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .filter((name) => !foreign.some((other) => name.startsWith(other)))
    .map((name) => {
      const meant = closestName(name, known);
      return {
        variable: name,
        problem: 'is not a variable of this service',
        remedy: meant === undefined ? 'Remove it' : `Did you mean ${meant}? Else remove it`,
      };
    });
}

function faultOf(issue: z.core.$ZodIssue, variables: readonly ConfigVariable[], env: Environment): ConfigFault {
  const name = String(issue.path[0] ?? 'configuration');
  const variable = variables.find((candidate) => candidate.variable === name);
  const value = env[name]?.trim() === '' ? undefined : env[name];
  if (variable === undefined) return { variable: name, problem: issue.message, remedy: 'See the reference' };
  if (issue.code === 'invalid_type' && value === undefined) {
    return { variable: name, problem: 'is required', remedy: `Set it to ${variable.takes}${exampleOf(variable)}` };
  }
  const message = variable.secret ? withoutSecret(issue.message, value) : issue.message;
  const given = variable.secret || value === undefined ? '' : `, not ${JSON.stringify(value)}`;
  return { variable: name, problem: `${message}${given}`, remedy: `It takes ${variable.takes}${exampleOf(variable)}` };
}

function exampleOf({ variable, example, default: fallback }: ConfigVariable): string {
  if (example !== undefined) return `, such as ${variable}=${example}`;
  return fallback === undefined ? '' : `; without it, ${fallback} is used`;
}

function withoutSecret(message: string, value: string | undefined): string {
  return value === undefined ? message : message.replaceAll(value, '[secret]');
}
