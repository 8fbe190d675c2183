import { EngineError } from '@mooring/engine';
import { UnusableFile, primaryCode, resultCodeOf } from '@mooring/store-sqlite/file';
import { codeOf, failure, misconfigured } from '../errors.ts';
import type { Verdict } from '../errors.ts';

const LOCKED: Verdict = {
  code: 'timeout',
  message: 'another process kept the file locked; raise busyTimeoutMs, or look for a program that holds a transaction',
  retryable: true,
};

/** By primary result code (sqlite.org/rescode.html). A statement that failed changed nothing. */
const BY_RESULT: Readonly<Record<number, Verdict>> = {
  1: { code: 'misconfigured', message: 'the file does not have the tables of this version' },
  3: { code: 'misconfigured', message: 'the file may not be used; check its owner and mode' },
  5: LOCKED,
  6: LOCKED,
  7: { code: 'out_of_memory', message: 'the process is out of memory', retryable: true },
  8: { code: 'misconfigured', message: 'the file or its folder is read-only; make both writable for this user' },
  10: { code: 'unavailable', message: 'the disk failed to read or write; check its health and quota', retryable: true },
  11: { code: 'unavailable', message: 'the file is damaged; stop all processes and restore it from a backup' },
  13: { code: 'unavailable', message: 'the disk is full; free space, then it goes on by itself', retryable: true },
  14: { code: 'misconfigured', message: 'the file could not be opened; its folder must exist and be writable' },
  15: { code: 'unavailable', message: 'several processes opened the file at the same instant', retryable: true },
  17: { code: 'conflict', message: 'the tables changed meanwhile; try again', retryable: true },
  18: { code: 'invalid_argument', message: 'a record is too large for the file' },
  19: { code: 'invalid_argument', message: 'a constraint refused the record' },
  26: { code: 'unavailable', message: 'the file is no SQLite database; set it aside or restore it from a backup' },
};

interface StrippedCause {
  readonly sqliteCode?: number;
  readonly systemCode?: string;
}

export function translate(cause: unknown): EngineError {
  if (cause instanceof EngineError) return cause;
  if (cause instanceof UnusableFile) return misconfigured(cause.message, strip(cause.cause));
  const result = resultCodeOf(cause);
  const verdict = result === undefined ? undefined : BY_RESULT[primaryCode(result)];
  if (verdict !== undefined) {
    return failure({ ...verdict, message: `${verdict.message} (SQLite result ${result})` }, strip(cause));
  }
  const message = result === undefined ? 'it failed unexpectedly' : `SQLite failed (result ${result})`;
  return failure({ code: 'unavailable', message }, strip(cause));
}

function strip(cause: unknown): Error & StrippedCause {
  const result = resultCodeOf(cause);
  if (result !== undefined) return Object.assign(new Error(`SQLite result ${result}`), { sqliteCode: result });
  const code = codeOf(cause) ?? (cause instanceof Error ? cause.name : 'unknown');
  return Object.assign(new Error(code), { systemCode: code });
}
