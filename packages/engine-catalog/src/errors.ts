import { EngineError } from '@mooring/engine';
import type { EngineErrorCode } from '@mooring/engine';

/** What a failure of a database means here. */
export interface Verdict {
  readonly code: EngineErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
}

/** Neither the text of the cause nor what it carries (statement, values) may leave the package. */
export function failure({ code, message, retryable = false }: Verdict, cause?: unknown): EngineError {
  return new EngineError({ code, message: `the catalog: ${message}`, retryable, cause });
}

export function invalidArgument(message: string): EngineError {
  return failure({ code: 'invalid_argument', message });
}

export function misconfigured(message: string, cause?: unknown): EngineError {
  return failure({ code: 'misconfigured', message }, cause);
}

export function closed(): EngineError {
  return failure({ code: 'unavailable', message: 'it is closed' });
}

/** `row` is its `id` in the table: what it is about stays with the operator. */
export function corrupt(table: string, row: string | number, what: string): EngineError {
  const message = `row ${row} of ${table} can't be read (${what}); restore it from a backup`;
  return failure({ code: 'unavailable', message });
}

export function codeOf(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
