import { StoreError } from '@mooring/session-store';
import type { StoreErrorCode, StoreOutcome } from '@mooring/session-store';
import { UnusableFile } from './file/private-file.ts';
import { primaryCode, resultCodeOf } from './file/result-code.ts';

export const BACKEND = 'sqlite';

interface Verdict {
  readonly code: StoreErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
  /** What a failed COMMIT leaves, where it is not certain that nothing was written. */
  readonly commit?: StoreOutcome;
}

const LOCKED: Verdict = {
  code: 'timeout',
  message: 'another process kept the file locked; raise busyTimeoutMs, or look for a program that holds a transaction',
};

/** By primary result code (sqlite.org/rescode.html). A statement that failed changed nothing. */
const BY_RESULT: Readonly<Record<number, Verdict>> = {
  1: { code: 'misconfigured', message: 'the file does not have the tables of this version' },
  3: { code: 'misconfigured', message: 'the file may not be used; check its owner and mode' },
  5: LOCKED,
  6: LOCKED,
  7: { code: 'unavailable', message: 'the process is out of memory' },
  8: { code: 'misconfigured', message: 'the file or its folder is read-only; make both writable for this user' },
  10: {
    code: 'unavailable',
    message: 'the disk failed to read or write; check its health, quota and free space',
    commit: 'unknown',
  },
  11: { code: 'corrupt', message: 'the file is damaged; stop all processes and restore it from a backup' },
  13: { code: 'unavailable', message: 'the disk is full; free space, then the store goes on by itself' },
  14: {
    code: 'misconfigured',
    message: 'the file could not be opened; its folder must exist and be writable for this user',
  },
  15: { code: 'unavailable', message: 'several processes opened the file at the same instant; try again' },
  17: { code: 'conflict', message: 'the tables changed meanwhile; try again' },
  18: { code: 'too_large', message: 'a value is too large for the file' },
  19: { code: 'conflict', message: 'a constraint refused the change', retryable: false },
  26: { code: 'corrupt', message: 'the file is no SQLite database; set it aside or restore it from a backup' },
};

/** Neither the text of the cause nor what it carries (statement, values) may leave the store. */
interface StrippedCause {
  readonly sqliteCode?: number;
  readonly systemCode?: string;
}

export function translate(operation: string, cause: unknown, at?: 'commit'): StoreError {
  if (cause instanceof StoreError) return cause;
  if (cause instanceof UnusableFile) {
    const { message } = cause;
    return new StoreError({ code: 'misconfigured', message, backend: BACKEND, operation, cause: strip(cause.cause) });
  }
  const result = resultCodeOf(cause);
  const verdict = result === undefined ? undefined : BY_RESULT[primaryCode(result)];
  if (verdict !== undefined) {
    return new StoreError({
      code: verdict.code,
      message: `${verdict.message} (SQLite result ${result})`,
      backend: BACKEND,
      operation,
      outcome: at === 'commit' ? (verdict.commit ?? 'not_applied') : 'not_applied',
      ...(verdict.retryable === undefined ? {} : { retryable: verdict.retryable }),
      cause: strip(cause),
    });
  }
  if (codeOf(cause) === 'ERR_OUT_OF_RANGE') return corrupt(operation, 'a number beyond 2^53');
  return new StoreError({
    code: 'unavailable',
    message: result === undefined ? 'the store failed unexpectedly' : `SQLite failed (result ${result})`,
    backend: BACKEND,
    operation,
    outcome: at === 'commit' ? 'unknown' : 'not_applied',
    retryable: false,
    cause: strip(cause),
  });
}

export function corrupt(operation: string, what: string): StoreError {
  return new StoreError({
    code: 'corrupt',
    message: `a stored record can't be read: ${what}`,
    backend: BACKEND,
    operation,
  });
}

export function closed(operation: string): StoreError {
  return new StoreError({ code: 'closed', message: 'the store was closed', backend: BACKEND, operation });
}

function codeOf(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function strip(cause: unknown): Error & StrippedCause {
  const result = resultCodeOf(cause);
  const code = codeOf(cause) ?? (cause instanceof Error ? cause.name : 'unknown');
  return Object.assign(
    new Error(result === undefined ? code : `SQLite result ${result}`),
    result === undefined ? { systemCode: code } : { sqliteCode: result },
  );
}
