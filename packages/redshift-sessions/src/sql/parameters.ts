import type { SqlParameter } from '../data-api/data-api.ts';
import { WarehouseError } from '../errors.ts';

/** Of many that are missing or unused, the message names these. */
const NAMES_SHOWN = 10;

export type ParameterValue = string | number | bigint | boolean;
export type StatementParameters = Readonly<Record<string, ParameterValue>> | readonly NamedParameter[];

export interface NamedParameter {
  readonly name: string;
  readonly value: ParameterValue;
}

/**
 * Parameters as the service takes them: texts that it converts like string literals. Refuses names that the statement
 * does not use or that it uses without a value, a name given twice, and what the service can not pass: NULL and the
 * empty string (write those into the SQL).
 */
export function bindParameters(
  parameters: StatementParameters | undefined,
  usedNames: readonly string[],
): readonly SqlParameter[] {
  const named = toList(parameters);
  const duplicate = firstRepeated(named);
  if (duplicate !== undefined)
    throw invalid(`Parameter ${quoted([duplicate])} is given twice.`, { duplicate: [duplicate] });
  const given = new Set(named.map(({ name }) => name));
  const used = new Set(usedNames);
  const unused = [...given].filter((name) => !used.has(name));
  const missing = usedNames.filter((name) => !given.has(name));
  if (unused.length > 0 || missing.length > 0) {
    throw invalid(
      [
        missing.length > 0 ? `The statement uses ${quoted(missing)} without a value.` : '',
        unused.length > 0 ? `The statement does not use ${quoted(unused)}.` : '',
      ]
        .filter((part) => part.length > 0)
        .join(' '),
      { missing, unused },
    );
  }
  return named.map(({ name, value }) => ({ name, value: toText(name, value) }));
}

function firstRepeated(named: readonly NamedParameter[]): string | undefined {
  const seen = new Set<string>();
  return named.find(({ name }) => seen.size === seen.add(name).size)?.name;
}

function toList(parameters: StatementParameters | undefined): readonly NamedParameter[] {
  if (parameters === undefined) return [];
  if (Array.isArray(parameters)) return parameters as readonly NamedParameter[];
  return Object.entries(parameters as Record<string, ParameterValue>).map(([name, value]) => ({ name, value }));
}

function toText(name: string, value: ParameterValue): string {
  if (!/^[0-9a-zA-Z_]+$/.test(name)) {
    throw invalid(`Parameter name "${name.slice(0, 64)}" may hold letters, digits and _ only.`, { invalid: [name] });
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw invalid(`Parameter "${name}" is not a finite number.`, { invalid: [name] });
  }
  if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) {
    throw invalid(`Parameter "${name}" must be a text, a number or a boolean; write NULL into the SQL.`, {
      invalid: [name],
    });
  }
  const text = String(value);
  if (text.length === 0) {
    throw invalid(`Parameter "${name}" is empty, which the service can not pass; write '' into the SQL.`, {
      invalid: [name],
    });
  }
  return text;
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `"${name.slice(0, 64)}"`);
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function invalid(message: string, details: Readonly<Record<string, readonly string[]>>): WarehouseError {
  return new WarehouseError({ code: 'invalid_parameters', message, details });
}
