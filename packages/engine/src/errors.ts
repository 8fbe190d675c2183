export type EngineErrorCode =
  | 'syntax_error'
  | 'unsupported_statement'
  | 'invalid_argument'
  | 'invalid_name'
  | 'invalid_storage'
  | 'already_exists'
  | 'not_found'
  | 'in_use'
  | 'forbidden'
  | 'parameter_count'
  | 'parameter_too_many'
  | 'parameter_too_large'
  | 'conflict'
  | 'execution_failed'
  | 'timeout'
  | 'cancelled'
  | 'out_of_memory'
  | 'too_busy'
  | 'session_busy'
  | 'file_in_use'
  | 'unavailable'
  | 'no_transaction'
  | 'no_engine'
  | 'misconfigured';

export interface EngineErrorDetails {
  readonly code: EngineErrorCode;
  /** What, which one and how to mend it. May name objects of the caller's tenant; never values of parameters. */
  readonly message: string;
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** In the batch, from 1; of what an engine found, in its statement. */
  readonly line?: number;
  readonly column?: number;
  /** More that a program may use, such as `{ expected: 2, actual: 1 }`. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/** A statement was refused or failed. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;
  readonly retryable: boolean;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly facts: Readonly<Record<string, string | number | boolean>>;

  constructor({ code, message, retryable = false, cause, line, column, facts = {} }: EngineErrorDetails) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.retryable = retryable;
    this.line = line;
    this.column = column;
    this.facts = facts;
  }
}
