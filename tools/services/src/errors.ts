export type ServiceErrorCode =
  | 'no_source'
  | 'start_failed'
  | 'port_in_use'
  | 'folder_in_use'
  | 'folder_not_usable'
  | 'unreachable';

/** One place a server could have come from, and why it did not. */
export interface Refusal {
  readonly source: string;
  readonly reason: string;
}

/** A server could not be provided. The message says which, why, and what to do about it. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ServiceErrorCode;
  readonly retryable: boolean;
  readonly refusals: readonly Refusal[];

  constructor(
    code: ServiceErrorCode,
    message: string,
    options: { refusals?: readonly Refusal[]; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = code === 'port_in_use';
    this.refusals = options.refusals ?? [];
  }
}

/** Every source was tried: lists the reason for each and the remedy. */
export function noSource(server: string, refusals: readonly Refusal[], remedy: string): ServiceError {
  const reasons = refusals.map(({ source, reason }) => `  - ${source}: ${reason}`).join('\n');
  return new ServiceError('no_source', `No ${server} can be had here.\n${reasons}\nRemedy: ${remedy}`, { refusals });
}
