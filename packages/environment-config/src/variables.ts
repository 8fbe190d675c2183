import { z } from 'zod';

/** A schema that `loadConfig` takes: `z.object` keyed by variable, perhaps with `.superRefine` and `.transform`. */
export type ConfigSchema = z.ZodObject | z.ZodPipe<z.ZodType, z.ZodType>;

/** What the schema says of one variable. */
export interface ConfigVariable {
  readonly variable: string;
  readonly description: string;
  /** The values it takes, in words. */
  readonly takes: string;
  readonly required: boolean;
  /** As text; absent when it has none. */
  readonly default?: string;
  readonly example?: string;
  readonly secret: boolean;
}

interface Annotations {
  readonly description?: string;
  readonly takes?: string;
  readonly example?: string;
  readonly secret?: boolean;
  readonly default?: unknown;
}

/** The variables of the schema, by name. A schema that is not built on `z.object` is a mistake in the program. */
export function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodPipe) return shapeOf(schema.def.in);
  throw new TypeError('a configuration schema must be a z.object keyed by environment variable, or be built on one');
}

/** Annotations gathered through wrappers, the outer ones first. */
function annotationsOf(schema: z.core.$ZodType): Annotations {
  const own = (z.globalRegistry.get(schema) ?? {}) as Annotations;
  const inner = innerOf(schema);
  const below = inner === undefined ? {} : annotationsOf(inner);
  const fallback = schema instanceof z.ZodDefault ? { default: schema.def.defaultValue } : {};
  return { ...below, ...fallback, ...own };
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodPipe) return schema.def.in;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return schema.def.innerType;
  }
  return undefined;
}

function describeVariable(variable: string, schema: z.core.$ZodType): ConfigVariable {
  const { description, takes, example, secret, default: fallback } = annotationsOf(schema);
  return {
    variable,
    description: description ?? '',
    takes: takes ?? 'text',
    required: !z.safeParse(schema, undefined).success,
    secret: secret === true,
    ...(fallback === undefined ? {} : { default: typeof fallback === 'string' ? fallback : JSON.stringify(fallback) }),
    ...(example === undefined ? {} : { example }),
  };
}

export function variablesOf(schema: ConfigSchema): ConfigVariable[] {
  return Object.entries(shapeOf(schema)).map(([variable, field]) => describeVariable(variable, field));
}
