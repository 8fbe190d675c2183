import { EngineError } from '../errors.ts';
import type { Statement } from '../sql/statement.ts';
import type { Value } from '../values.ts';

export const MOST_PARAMETERS = 50;
export const LARGEST_PARAMETER_BYTES = 512 * 1024;

/**
 * @throws EngineError `invalid_argument` with several statements, `parameter_too_many`, `parameter_too_large`,
 * `parameter_count` with `expected` and `actual`
 */
export function assertParameters(statements: readonly Statement[], parameters: readonly Value[]): void {
  if (parameters.length > MOST_PARAMETERS) {
    const message = `${parameters.length} parameters, at most ${MOST_PARAMETERS} are taken`;
    throw new EngineError({ code: 'parameter_too_many', message, facts: { actual: parameters.length } });
  }
  for (const [index, value] of parameters.entries()) {
    const bytes = bytesOf(value);
    if (bytes <= LARGEST_PARAMETER_BYTES) continue;
    const message = `parameter $${index + 1} has ${bytes} bytes, at most ${LARGEST_PARAMETER_BYTES} are taken`;
    throw new EngineError({ code: 'parameter_too_large', message, facts: { parameter: index + 1, bytes } });
  }
  if (statements.length > 1 && parameters.length > 0) {
    const message = `parameters go with one statement, there are ${statements.length}: send them one by one`;
    throw new EngineError({ code: 'invalid_argument', message, facts: { statements: statements.length } });
  }
  for (const statement of statements) assertCount(statement, parameters.length);
}

function assertCount(statement: Statement, actual: number): void {
  const expected = parameterCountOf(statement);
  if (expected === actual) return;
  const { line, column } = statement;
  const message = `the statement has ${expected} parameter(s), ${actual} came with it`;
  throw new EngineError({ code: 'parameter_count', message, line, column, facts: { expected, actual } });
}

function parameterCountOf(statement: Statement): number {
  if (statement.kind === 'execute_as_user') return parameterCountOf(statement.statement);
  return 'references' in statement ? statement.references.parameterCount : 0;
}

/** Without recursion: how deep a value is, is up to the caller. */
function bytesOf(parameter: Value): number {
  let bytes = 0;
  const left: Value[] = [parameter];
  while (left.length > 0) {
    const value = left.pop() as Value;
    if (value instanceof Uint8Array) bytes += value.byteLength;
    else if (typeof value === 'string') bytes += Buffer.byteLength(value);
    else if (typeof value === 'bigint') bytes += value.toString(16).length / 2;
    else if (value === null || typeof value !== 'object') bytes += 8;
    else if (Array.isArray(value)) for (const part of value as readonly Value[]) left.push(part);
    else for (const [name, part] of Object.entries(value)) left.push(name, part);
  }
  return Math.ceil(bytes);
}
