import type { EngineError, Value } from '@mooring/engine';
import type { NamedParameter } from '@mooring/redshift-sessions';
import { failure } from '../errors.ts';
import { placeholdersOf } from '../statements/text.ts';

export interface BoundStatement {
  readonly sql: string;
  readonly parameters: readonly NamedParameter[];
  /** The texts of the parameters, which no error may repeat. */
  readonly values: readonly string[];
}

interface Bound {
  /** What stands in the statement for it. */
  readonly sql: string;
  readonly text?: string;
}

const LARGEST_NUMERIC = 10n ** 38n;

/**
 * `$1` as `:p1`. The service takes all values as texts; a cast gives each its type. A text has none, so that the warehouse
 * converts it to what the statement needs in its place, as it does a literal. NULL and the empty text, which the service
 * can't pass, stand in the statement.
 *
 * @throws EngineError `parameter_count`, `invalid_argument`
 */
export function bindParameters(sql: string, values: readonly Value[], expected: number): BoundStatement {
  const places = placeholdersOf(sql);
  if (expected !== values.length) {
    const message = `The statement has ${expected} parameters, and ${values.length} values came.`;
    throw failure({ code: 'parameter_count', message, facts: { expected, actual: values.length } });
  }
  if (Math.max(0, ...places.map(({ number }) => number)) !== expected) {
    throw failure({ code: 'unsupported_statement', message: 'Its parameters can not be told from its texts.' });
  }
  const bound = values.map((value, index) => boundOf(value, index + 1));
  let text = '';
  let from = 0;
  for (const { number, start, end } of places) {
    const { sql: written } = bound[number - 1] ?? { sql: 'NULL' };
    text += `${sql.slice(from, start)} ${written} `;
    from = end;
  }
  const used = new Set(places.map(({ number }) => number));
  const parameters = bound.flatMap(({ text: value }, index) =>
    value === undefined || !used.has(index + 1) ? [] : [{ name: `p${index + 1}`, value }],
  );
  return { sql: text + sql.slice(from), parameters, values: parameters.map(({ value }) => value) };
}

function boundOf(value: Value, number: number): Bound {
  const name = `:p${number}`;
  const typed = (type: string, text: string): Bound => ({ sql: `CAST(${name} AS ${type})`, text });
  if (value === null) return { sql: 'NULL' };
  if (value === '') return { sql: "''" };
  switch (typeof value) {
    case 'string':
      if (/\0|[\ud800-\udfff]/u.test(value)) throw invalid(number, 'has a NUL or half of a surrogate pair');
      return { sql: name, text: value };
    case 'boolean':
      return typed('BOOLEAN', String(value));
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
        return typed('DOUBLE PRECISION', Object.is(value, -0) ? '-0' : String(value));
      }
      return typed(value >= -(2 ** 31) && value < 2 ** 31 ? 'INTEGER' : 'BIGINT', String(value));
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return typed('BIGINT', String(value));
      if (value > -LARGEST_NUMERIC && value < LARGEST_NUMERIC) return typed('NUMERIC(38,0)', String(value));
      throw invalid(number, 'is an integer of more than 38 digits');
    default:
      if (value instanceof Uint8Array)
        throw invalid(number, 'is bytes: pass a text of hexadecimal digits, and FROM_HEX of it');
      return { sql: `JSON_PARSE(${name})`, text: jsonOf(value, number) };
  }
}

/** Integers with every digit. */
function jsonOf(value: Value, number: number): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalid(number, 'has a number that JSON has not');
  if (value instanceof Uint8Array) throw invalid(number, 'has bytes within');
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map((item) => jsonOf(item, number)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${jsonOf(member, number)}`);
  return `{${members.join(',')}}`;
}

function invalid(number: number, fault: string): EngineError {
  return failure({ code: 'invalid_argument', message: `Parameter $${number} ${fault}.`, facts: { parameter: number } });
}
