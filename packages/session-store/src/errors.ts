/** What went wrong in a store, independent of its backend. */
export type StoreErrorCode =
  | 'unavailable'
  | 'timeout'
  | 'throttled'
  | 'conflict'
  | 'corrupt'
  | 'too_large'
  | 'invalid_argument'
  | 'misconfigured'
  | 'closed';

/** Whether the operation may have taken effect. After `unknown`, only a retry with the same id is safe. */
export type StoreOutcome = 'not_applied' | 'unknown';

export interface StoreErrorDetails {
  readonly code: StoreErrorCode;
  readonly message: string;
  readonly backend: string;
  readonly operation: string;
  readonly outcome?: StoreOutcome;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

const RETRYABLE: ReadonlySet<StoreErrorCode> = new Set(['unavailable', 'timeout', 'throttled', 'conflict']);

/**
 * A failure of a store, translated once at the adapter's edge. The message names the backend, the operation and the
 * likely fix; it never holds a key, a token, a statement or session data.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly backend: string;
  readonly operation: string;
  readonly outcome: StoreOutcome;
  readonly retryable: boolean;

  constructor(details: StoreErrorDetails) {
    super(`${details.backend} ${details.operation}: ${details.message}`, { cause: details.cause });
    this.code = details.code;
    this.backend = details.backend;
    this.operation = details.operation;
    this.outcome = details.outcome ?? (details.code === 'timeout' ? 'unknown' : 'not_applied');
    this.retryable = details.retryable ?? RETRYABLE.has(details.code);
  }
}
