import { StoreError } from '@mooring/session-store';
import { EngineError } from '../errors.ts';
import type { EngineErrorCode } from '../errors.ts';

/** Failures of the stores below, in this package's words. Anything else is a bug, and is thrown on. */
export function engineErrorOf(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (!(error instanceof StoreError)) throw error;
  const { retryable } = error;
  const message = `${error.backend} ${error.operation} failed (${error.code})`;
  return new EngineError({ code: codeOfStore(error), message, retryable, cause: error });
}

/** Of a bug there is none. */
export function codeOf(error: unknown): EngineErrorCode | undefined {
  if (error instanceof EngineError) return error.code;
  return error instanceof StoreError ? codeOfStore(error) : undefined;
}

function codeOfStore({ code, outcome }: StoreError): EngineErrorCode {
  if (code === 'timeout' || code === 'misconfigured') return code;
  // Too many wanted the same item of the store at once: nothing of the statement's own was changed by another.
  return code === 'conflict' && outcome === 'not_applied' ? 'too_busy' : 'unavailable';
}

const IN_DOUBT: ReadonlySet<EngineErrorCode> = new Set<EngineErrorCode>(['timeout', 'cancelled', 'unavailable']);

/** Whether what failed so may have happened all the same. Bugs are always in doubt. */
export function isInDoubt(error: unknown): boolean {
  return !(error instanceof EngineError) || IN_DOUBT.has(error.code);
}
