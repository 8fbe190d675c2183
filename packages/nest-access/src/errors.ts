import { HttpException } from '@nestjs/common';

export type AccessErrorCode = 'unauthenticated' | 'forbidden' | 'too_many_requests' | 'budget_exceeded';

const STATUS: Readonly<Record<AccessErrorCode, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  too_many_requests: 429,
  budget_exceeded: 429,
};

/** A request that a guard did not let through. Nest answers it by itself; a filter may go by `code`. */
export class AccessError extends HttpException {
  override readonly name = 'AccessError';
  readonly retryable: boolean;

  constructor(
    readonly code: AccessErrorCode,
    message: string,
    readonly retryAfterMs?: number,
  ) {
    super({ statusCode: STATUS[code], code, message }, STATUS[code]);
    this.retryable = STATUS[code] === 429;
  }
}

/** What a service answers to each, for its registry of problems. Spread it, and replace what the service says otherwise. */
export const ACCESS_ERRORS = {
  'AccessError.unauthenticated': { problem: 'unauthenticated', messageIsPublic: true },
  'AccessError.forbidden': { problem: 'forbidden', messageIsPublic: true },
  'AccessError.too_many_requests': { problem: 'too_many_requests', messageIsPublic: true },
  'AccessError.budget_exceeded': { problem: 'too_many_requests', messageIsPublic: true },
} as const satisfies Record<`AccessError.${AccessErrorCode}`, object>;
