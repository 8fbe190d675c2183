export type UserDatabaseErrorCode = 'unavailable' | 'misconfigured' | 'failed';

/**
 * A failure of the users' database. Neither its message nor its cause holds a name, a password, its hash or a statement;
 * the SQLSTATE says what PostgreSQL thought of it.
 */
export class UserDatabaseError extends Error {
  override readonly name = 'UserDatabaseError';
  readonly retryable: boolean;

  constructor(
    readonly code: UserDatabaseErrorCode,
    readonly operation: string,
    message: string,
    /** What PostgreSQL thought of it, where it was asked. */
    readonly sqlState?: string,
  ) {
    super(`users ${operation}: ${message}`);
    this.retryable = code === 'unavailable';
  }
}

/** By SQLSTATE or its class (PostgreSQL manual, appendix A). */
const BY_STATE: Readonly<Record<string, readonly [UserDatabaseErrorCode, string]>> = {
  '08': ['unavailable', 'the connection failed'],
  '25006': ['unavailable', 'the server is read-only, probably a standby'],
  '40': ['unavailable', 'kept colliding with other transactions; try again'],
  '53': ['unavailable', 'the server lacks memory, disk or connections'],
  '55': ['unavailable', 'a lock was not free in time'],
  '57': ['unavailable', 'the server stopped the statement, or is starting or stopping'],
  '58': ['unavailable', 'the server has a system error'],
  '28': ['misconfigured', 'the server refused the user or the password in DATABASE_URL'],
  '3D000': ['misconfigured', 'the database in DATABASE_URL does not exist'],
  '42501': ['misconfigured', 'the user in DATABASE_URL lacks a privilege'],
};

/** The one place where a failure of the driver becomes one of this package. */
export function translate(operation: string, cause: unknown): UserDatabaseError {
  if (cause instanceof UserDatabaseError) return cause;
  const state = sqlStateOf(cause);
  if (state === undefined) {
    return new UserDatabaseError(
      'unavailable',
      operation,
      'no answer from the server; check that it runs and can be reached',
    );
  }
  const [code, message] = BY_STATE[state] ??
    BY_STATE[state.slice(0, 2)] ?? ['failed', 'the server refused the statement'];
  return new UserDatabaseError(code, operation, `${message} (SQLSTATE ${state})`, state);
}

function sqlStateOf(cause: unknown): string | undefined {
  const { code, severity } = (cause ?? {}) as { readonly code?: unknown; readonly severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
