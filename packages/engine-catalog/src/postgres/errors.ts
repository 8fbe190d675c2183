import { EngineError } from '@mooring/engine';
import { codeOf, failure, misconfigured } from '../errors.ts';
import type { Verdict } from '../errors.ts';

interface StateVerdict extends Verdict {
  /** The connection can still be used. */
  readonly usable?: boolean;
  /** The statement was rolled back whole, and may run again at once. */
  readonly again?: boolean;
}

const TAKEN: StateVerdict = {
  code: 'misconfigured',
  message: 'something of another owner has a name that it needs; give it a schema of its own (search_path)',
  usable: true,
};

function unavailable(message: string): StateVerdict {
  return { code: 'unavailable', message, retryable: true };
}

/** By SQLSTATE, longest prefix first (PostgreSQL manual, appendix A). A statement that failed was rolled back. */
const BY_STATE: Readonly<Record<string, StateVerdict>> = {
  '57014': { code: 'timeout', message: 'its server stopped at the time limit', retryable: true, usable: true },
  '55P03': { code: 'timeout', message: 'a lock was not free in time', retryable: true, usable: true },
  '40003': unavailable('its server does not know whether the statement completed'),
  '40': {
    code: 'conflict',
    message: 'it kept colliding with other transactions; try again',
    retryable: true,
    usable: true,
    again: true,
  },
  '0A000': { code: 'conflict', message: 'the schema changed meanwhile; try again', retryable: true, again: true },
  '26000': {
    code: 'conflict',
    message: 'a prepared statement is gone; a connection pooler in between must keep prepared statements',
    retryable: true,
    again: true,
  },
  '53300': {
    code: 'too_busy',
    message: 'its server has no connection left; lower poolSize or raise max_connections',
    retryable: true,
  },
  '53': unavailable('its server lacks memory or disk'),
  '57': unavailable('its server closed the connection, starts or stops'),
  '58': unavailable('its server has a system error'),
  '08': unavailable('the connection failed'),
  '25006': unavailable('its server is read-only, probably a standby'),
  '28': { code: 'misconfigured', message: 'its server refused the user or the password' },
  '3D000': { code: 'misconfigured', message: 'its database does not exist' },
  '3F000': { code: 'misconfigured', message: 'no schema of the search_path exists; create it first' },
  '42501': { code: 'misconfigured', message: 'the user lacks a privilege on its tables or its schema', usable: true },
  '42P07': TAKEN,
  '42710': TAKEN,
  '42723': TAKEN,
  '42': {
    code: 'misconfigured',
    message: 'its tables are not those of this version; run the migrations (option `migrate`)',
    usable: true,
  },
  '54': { code: 'invalid_argument', message: 'a record is too large for its server', usable: true },
  '22': { code: 'invalid_argument', message: 'its server refused a value', usable: true },
  '23': { code: 'invalid_argument', message: 'a constraint refused the record', usable: true },
  XX001: { code: 'unavailable', message: 'its server found damaged data', usable: true },
  XX002: { code: 'unavailable', message: 'its server found a damaged index', usable: true },
};

interface StrippedCause {
  readonly sqlState?: string;
  readonly systemCode?: string;
}

export interface Failure {
  readonly error: EngineError;
  readonly usable: boolean;
  readonly again: boolean;
}

/** `sent`: the statement was handed to the connection, so whether it ran is unknown when the connection is lost. */
export function translate(cause: unknown, sent: boolean): Failure {
  if (cause instanceof EngineError) return { error: cause, usable: true, again: false };
  const state = sqlStateOf(cause);
  const verdict = state === undefined ? undefined : (BY_STATE[state] ?? BY_STATE[state.slice(0, 2)]);
  if (codeOf(cause) === 'ERR_INVALID_URL') {
    return { error: misconfigured('url is none of PostgreSQL'), usable: false, again: false };
  }
  if (verdict === undefined) {
    const lost = sent ? 'the connection was lost before the answer' : 'no connection to its server; check that it runs';
    const message = state === undefined ? lost : `its server failed (SQLSTATE ${state})`;
    return { error: failure(unavailable(message), strip(cause)), usable: false, again: false };
  }
  const message = `${verdict.message} (SQLSTATE ${state})`;
  const error = failure({ ...verdict, message }, strip(cause));
  return { error, usable: verdict.usable ?? false, again: verdict.again ?? false };
}

function sqlStateOf(cause: unknown): string | undefined {
  const code = codeOf(cause);
  const severity = (cause as { severity?: unknown } | null)?.severity;
  return code !== undefined && typeof severity === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

function strip(cause: unknown): Error & StrippedCause {
  const state = sqlStateOf(cause);
  const code = codeOf(cause) ?? 'none';
  return Object.assign(new Error(state ?? code), state === undefined ? { systemCode: code } : { sqlState: state });
}
