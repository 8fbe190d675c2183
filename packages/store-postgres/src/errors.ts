import { StoreError } from '@mooring/session-store';
import type { StoreErrorCode, StoreOutcome } from '@mooring/session-store';
import { isTlsFailure } from '@mooring/session-store/adapter';
import { UnreadableValue } from './value-types.ts';

export const BACKEND = 'postgres';

interface Verdict {
  readonly code: StoreErrorCode;
  readonly message: string;
  readonly outcome?: StoreOutcome;
  readonly retryable?: boolean;
  /** The connection can still be used. */
  readonly usable?: boolean;
}

const MISCONFIGURED_SCHEMA: Verdict = {
  code: 'misconfigured',
  message: 'the schema is not the one of this version; run the migrations (option `migrate`)',
  usable: true,
};

const TAKEN: Verdict = {
  code: 'misconfigured',
  message: 'something of another owner has a name that the store needs; give it a schema of its own (search_path)',
  usable: true,
};

/** By SQLSTATE, longest prefix first (PostgreSQL manual, appendix A). A statement that failed was rolled back. */
const BY_STATE: Readonly<Record<string, Verdict>> = {
  '57014': {
    code: 'timeout',
    message: 'the server stopped the statement at its time limit',
    outcome: 'not_applied',
    usable: true,
  },
  '55P03': { code: 'timeout', message: 'a lock was not free in time', outcome: 'not_applied', usable: true },
  '40': { code: 'conflict', message: 'kept colliding with other transactions; try again', usable: true },
  '40003': {
    code: 'unavailable',
    message: 'the server does not know whether the statement completed',
    outcome: 'unknown',
  },
  '0A000': { code: 'conflict', message: 'the schema changed while the statement was prepared; try again' },
  '26000': {
    code: 'conflict',
    message: 'a prepared statement is gone; a connection pooler in between must keep prepared statements',
  },
  '53300': { code: 'throttled', message: 'the server has no connection left; lower poolSize or raise max_connections' },
  '53': { code: 'unavailable', message: 'the server lacks memory, disk or connections' },
  '57P01': { code: 'unavailable', message: 'the server closed the connection', outcome: 'unknown' },
  '57P02': { code: 'unavailable', message: 'the server crashed', outcome: 'unknown' },
  '57P03': { code: 'unavailable', message: 'the server is starting or stopping' },
  '57P05': { code: 'unavailable', message: 'the server closed the idle connection' },
  '58': { code: 'unavailable', message: 'the server has a system error' },
  '08': { code: 'unavailable', message: 'the connection failed', outcome: 'unknown' },
  '25006': { code: 'unavailable', message: 'the server is read-only, probably a standby' },
  '28000': {
    code: 'misconfigured',
    message: 'the server refused the user, its address, or a connection without TLS (pg_hba.conf)',
  },
  '28': { code: 'misconfigured', message: 'the server refused the user or the password' },
  '3D000': { code: 'misconfigured', message: 'the database does not exist' },
  '42501': { code: 'misconfigured', message: 'the user lacks a privilege on the tables of the store', usable: true },
  '42P07': TAKEN,
  '42723': TAKEN,
  '42': MISCONFIGURED_SCHEMA,
  '54': { code: 'too_large', message: 'a value is too large for the server', usable: true },
  '22': { code: 'invalid_argument', message: 'the server refused a value', usable: true },
  '23': { code: 'conflict', message: 'a constraint refused the change', retryable: false, usable: true },
  XX001: { code: 'corrupt', message: 'the server found damaged data', usable: true },
  XX002: { code: 'corrupt', message: 'the server found a damaged index', usable: true },
};

/** Neither the text of the cause nor what it carries (statement, values, key of a constraint) may leave the store. */
interface StrippedCause {
  readonly sqlState?: string;
  readonly systemCode?: string;
  /** There is no TLS, where it is asked for. */
  readonly tls?: true;
}

export interface Failure {
  readonly error: StoreError;
  readonly usable: boolean;
}

/** `sent`: the statement was handed to the connection, so a lost connection leaves its outcome unknown. */
export function translate(operation: string, cause: unknown, sent: boolean): Failure {
  if (cause instanceof StoreError) return { error: cause, usable: true };
  if (cause instanceof UnreadableValue) return { error: corrupt(operation, cause.message), usable: true };
  if (codeOf(cause) === 'ERR_INVALID_URL') {
    const message = 'url is no URL of a database, such as postgres://user:password@host:5432/name';
    return { error: new StoreError({ code: 'misconfigured', message, backend: BACKEND, operation }), usable: false };
  }
  if (isUntrusted(cause)) {
    const message =
      'no TLS: the certificate of the server is not trusted, or the server has none; see sslmode in the URL';
    const stripped = Object.assign(strip(cause), { tls: true });
    const error = { code: 'misconfigured', message, backend: BACKEND, operation, cause: stripped } as const;
    return { error: new StoreError(error), usable: false };
  }
  const state = sqlStateOf(cause);
  const verdict = state === undefined ? undefined : (BY_STATE[state] ?? BY_STATE[state.slice(0, 2)]);
  if (verdict !== undefined) {
    return {
      error: new StoreError({
        code: verdict.code,
        message: `${verdict.message} (SQLSTATE ${state})`,
        backend: BACKEND,
        operation,
        outcome: sent ? (verdict.outcome ?? 'not_applied') : 'not_applied',
        ...(verdict.retryable === undefined ? {} : { retryable: verdict.retryable }),
        cause: strip(cause),
      }),
      usable: verdict.usable ?? false,
    };
  }
  const message =
    state === undefined
      ? sent
        ? 'the connection was lost before the answer'
        : 'no connection to the server; check that it runs and can be reached'
      : `the server failed (SQLSTATE ${state})`;
  return {
    error: new StoreError({
      code: 'unavailable',
      message,
      backend: BACKEND,
      operation,
      outcome: sent && state === undefined ? 'unknown' : 'not_applied',
      cause: strip(cause),
    }),
    usable: false,
  };
}

export function corrupt(operation: string, what: string): StoreError {
  return new StoreError({
    code: 'corrupt',
    message: `a stored record can't be read: ${what}`,
    backend: BACKEND,
    operation,
  });
}

/** The driver has no code for a server without TLS. */
function isUntrusted(cause: unknown): boolean {
  const message = cause instanceof Error ? cause.message : '';
  return isTlsFailure(codeOf(cause) ?? '') || message === 'The server does not support SSL connections';
}

function sqlStateOf(cause: unknown): string | undefined {
  const code = codeOf(cause);
  const severity = (cause as { severity?: unknown } | null)?.severity;
  return code !== undefined && typeof severity === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

function codeOf(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function strip(cause: unknown): Error & StrippedCause {
  const code = codeOf(cause);
  const state = sqlStateOf(cause);
  const stripped = new Error(code ?? 'connection lost');
  return Object.assign(stripped, state === undefined ? { systemCode: code ?? 'none' } : { sqlState: state });
}
