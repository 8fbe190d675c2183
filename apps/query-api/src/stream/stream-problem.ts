import type { ProblemFault } from '@mooring/nest-runtime';
import { problems } from '../problems.ts';
import { requestFault } from '../queries/request-fault.ts';

/** A problem as it is answered over HTTP, without what belongs to HTTP. */
export interface StreamProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly ProblemFault[];
  readonly retryAfterSeconds?: number;
}

/** The problem of an error, and whether anybody foresaw it. */
export function streamProblem(error: unknown): { readonly problem: StreamProblem; readonly unexpected: boolean } {
  const known = problems.find(requestFault(error));
  const { type, title, status, code, detail, errors, headers, unexpected } =
    known ?? problems.problem('internal_error', { unexpected: true });
  const retryAfter = headers['retry-after'];
  const problem = {
    type,
    title,
    status,
    code,
    detail,
    ...(errors.length === 0 ? {} : { errors }),
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: Number(retryAfter) }),
  };
  return { problem, unexpected };
}
