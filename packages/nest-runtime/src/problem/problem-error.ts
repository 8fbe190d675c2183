import type { ProblemFault } from './problem-details.ts';

export interface ProblemOptions {
  readonly errors?: readonly ProblemFault[];
  readonly retryAfterMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the body, such as the id of what failed. */
  readonly members?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/** A problem found at the HTTP edge. `code` is one of the registry; `detail` is read by the caller. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: string;
  readonly errors: readonly ProblemFault[];
  readonly retryAfterMs: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, string | number | boolean>>;

  constructor(code: string, detail: string, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfterMs = options.retryAfterMs;
    this.headers = options.headers ?? {};
    this.members = options.members ?? {};
  }
}
