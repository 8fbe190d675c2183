import { EngineError } from '@mooring/engine';
import { codeOf, failure } from '../errors.ts';
import type { Verdict } from '../errors.ts';

const LOCKED: Verdict = {
  code: 'timeout',
  message: 'another process kept its file locked; raise busyTimeoutMs, or look for a program that holds a transaction',
  retryable: true,
};

/** By primary result code (sqlite.org/rescode.html). A statement that failed changed nothing. */
const BY_RESULT: Readonly<Record<number, Verdict>> = {
  1: { code: 'misconfigured', message: 'its file does not have the tables of this version' },
  3: { code: 'misconfigured', message: 'its file may not be used; check its owner and mode' },
  5: LOCKED,
  6: LOCKED,
  7: { code: 'out_of_memory', message: 'the process is out of memory', retryable: true },
  8: { code: 'misconfigured', message: 'its file or folder is read-only; make both writable for this user' },
  10: { code: 'unavailable', message: 'the disk failed to read or write; check its health and quota', retryable: true },
  11: { code: 'unavailable', message: 'its file is damaged; stop all processes and restore it from a backup' },
  13: { code: 'unavailable', message: 'the disk is full; free space, then it goes on by itself', retryable: true },
  14: { code: 'misconfigured', message: 'its file could not be opened; its folder must exist and be writable' },
  15: { code: 'unavailable', message: 'several processes opened its file at the same instant', retryable: true },
  17: { code: 'conflict', message: 'the tables changed meanwhile; try again', retryable: true },
  18: { code: 'invalid_argument', message: 'a record is too large for its file' },
  19: { code: 'invalid_argument', message: 'a constraint refused the record' },
  26: { code: 'unavailable', message: 'its file is no SQLite database; set it aside or restore it from a backup' },
};

interface StrippedCause {
  readonly sqliteCode?: number;
  readonly systemCode?: string;
}

export function translate(cause: unknown): EngineError {
  if (cause instanceof EngineError) return cause;
  const result = resultCodeOf(cause);
  const verdict = result === undefined ? undefined : BY_RESULT[result & 0xff];
  if (verdict !== undefined) {
    return failure({ ...verdict, message: `${verdict.message} (SQLite result ${result})` }, strip(cause));
  }
  const message = result === undefined ? 'it failed unexpectedly' : `SQLite failed (result ${result})`;
  return failure({ code: 'unavailable', message }, strip(cause));
}

/** Another connection has the lock, or recovers the file after a crash: the same statement may succeed later. */
export function isBusy(cause: unknown): boolean {
  const result = resultCodeOf(cause);
  return result !== undefined && [5, 6, 15].includes(result & 0xff);
}

/** The extended result code of a failure that SQLite reported. */
export function resultCodeOf(cause: unknown): number | undefined {
  const result = (cause as { errcode?: unknown } | null)?.errcode;
  return typeof result === 'number' ? result : undefined;
}

function strip(cause: unknown): Error & StrippedCause {
  const result = resultCodeOf(cause);
  if (result !== undefined) return Object.assign(new Error(`SQLite result ${result}`), { sqliteCode: result });
  const code = codeOf(cause) ?? (cause instanceof Error ? cause.name : 'unknown');
  return Object.assign(new Error(code), { systemCode: code });
}
