import { StoreError } from '@mooring/session-store';
import { EngineError } from '../errors.ts';
import type { EngineErrorCode } from '../errors.ts';

/** Failures of the stores below, in this package's words. Anything else is a bug, and is thrown on. */
export function engineErrorOf(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (!(error instanceof StoreError)) throw error;
  const { code, retryable } = error;
  const message = `${error.backend} ${error.operation} failed (${code})`;
  const known = code === 'timeout' || code === 'conflict' || code === 'misconfigured' ? code : 'unavailable';
  return new EngineError({ code: known, message, retryable, cause: error });
}

const IN_DOUBT: ReadonlySet<EngineErrorCode> = new Set<EngineErrorCode>(['timeout', 'cancelled', 'unavailable']);

/** Whether what failed so may have happened all the same. Bugs are always in doubt. */
export function isInDoubt(error: unknown): boolean {
  return !(error instanceof EngineError) || IN_DOUBT.has(error.code);
}
