/** What can go wrong with a statement or its session, as callers tell it apart. */
export type WarehouseErrorCode =
  | 'invalid_statement'
  | 'invalid_parameters'
  | 'invalid_request'
  | 'invalid_cursor'
  | 'pool_exhausted'
  | 'warehouse_busy'
  | 'warehouse_unavailable'
  | 'access_denied'
  | 'outcome_unknown'
  | 'session_lost'
  | 'statement_not_found'
  | 'no_result'
  | 'statement_failed'
  | 'statement_cancelled'
  | 'statement_timeout'
  | 'closed';

export interface WarehouseErrorDetails {
  readonly code: WarehouseErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs?: number;
  /** Names the parameters, positions or limits at fault; safe to show to the caller. */
  readonly details?: Readonly<Record<string, string | number | readonly string[]>>;
  readonly cause?: unknown;
}

const RETRYABLE: ReadonlySet<WarehouseErrorCode> = new Set([
  'pool_exhausted',
  'warehouse_busy',
  'warehouse_unavailable',
]);

/**
 * A statement that did not run, or that can't be answered. `outcome_unknown` means that it may have run: it is never
 * run again by the library. The message holds no SQL, no parameter and no credential; only `statement_failed` repeats
 * what the warehouse said of the caller's own statement.
 */
export class WarehouseError extends Error {
  override readonly name = 'WarehouseError';
  readonly code: WarehouseErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, string | number | readonly string[]>>;

  constructor(details: WarehouseErrorDetails) {
    super(details.message, { cause: details.cause });
    this.code = details.code;
    this.retryable = details.retryable ?? RETRYABLE.has(details.code);
    this.retryAfterMs = details.retryAfterMs;
    this.details = details.details ?? {};
  }
}
