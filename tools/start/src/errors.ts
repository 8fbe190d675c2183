export type StartErrorCode =
  | 'bad_option'
  | 'port_in_use'
  | 'folder_in_use'
  | 'folder_not_usable'
  | 'not_built'
  | 'process_failed'
  | 'not_ready'
  | 'data_not_shown'
  | 'stopped';

/** Mooring could not start, or can't go on. The message says what, why, and what to do about it. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: StartErrorCode;
  readonly retryable: boolean;

  constructor(code: StartErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.retryable = code === 'port_in_use' || code === 'folder_in_use';
  }
}
