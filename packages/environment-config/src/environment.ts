import { z } from 'zod';

export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  /** As a person reads it: `milliseconds`, `bytes`. */
  readonly unit?: string;
}

function refuse(context: z.core.ParsePayload, message: string): never {
  context.issues.push({ code: 'custom', message, input: context.value });
  return z.NEVER;
}

/** Marks a variable whose value is never printed, logged or repeated in a fault. */
function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), secret: true });
}

function text(options: { readonly pattern?: RegExp; readonly takes?: string } = {}) {
  const takes = options.takes ?? 'text';
  return z
    .string()
    .transform((value, context) => {
      const trimmed = value.trim();
      return options.pattern === undefined || options.pattern.test(trimmed)
        ? trimmed
        : refuse(context, `must be ${takes}`);
    })
    .meta({ takes });
}

function integer({ min, max, unit }: NumberBounds) {
  const takes = `a whole number from ${min} to ${max}${unit === undefined ? '' : ` (${unit})`}`;
  return z
    .string()
    .transform((value, context) => {
      const number = /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : Number.NaN;
      return number >= min && number <= max ? number : refuse(context, `must be ${takes}`);
    })
    .meta({ takes });
}

function boolean() {
  const takes = 'true or false';
  return z
    .string()
    .transform((value, context) => {
      const word = value.trim().toLowerCase();
      if (['true', '1', 'yes', 'on'].includes(word)) return true;
      if (['false', '0', 'no', 'off'].includes(word)) return false;
      return refuse(context, `must be ${takes}`);
    })
    .meta({ takes });
}

function choice<const Names extends readonly [string, ...string[]]>(names: Names) {
  const takes = `one of ${names.join(', ')}`;
  return z
    .string()
    .transform((value, context): Names[number] => {
      const word = value.trim();
      return names.includes(word) ? word : refuse(context, `must be ${takes}`);
    })
    .meta({ takes });
}

function url(protocols: readonly [string, ...string[]]) {
  const takes = `a URL that starts with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`;
  return z
    .string()
    .transform((value, context) => {
      const parsed = URL.canParse(value.trim()) ? new URL(value.trim()) : undefined;
      return parsed !== undefined && protocols.includes(parsed.protocol.slice(0, -1))
        ? value.trim()
        : refuse(context, `must be ${takes}`);
    })
    .meta({ takes });
}

/** Schemas from the text of an environment variable to a value, which say in words what they take. */
export const environment = { secret, text, integer, boolean, choice, url };
