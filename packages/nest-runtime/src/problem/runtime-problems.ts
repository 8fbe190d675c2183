import type { ProblemDefinition } from './problem-registry.ts';

/** The problems that every service has. */
export const RUNTIME_PROBLEMS = {
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side',
    detail: 'The request failed. Its request id finds the cause in the log.',
  },
  validation_failed: {
    status: 400,
    title: 'The request is not valid',
    detail: 'The request has faults; see errors.',
  },
  malformed_request: {
    status: 400,
    title: 'The request could not be read',
    detail: 'The request is not well-formed HTTP for this service.',
  },
  malformed_json: {
    status: 400,
    title: 'The body is not JSON',
    detail: 'The body could not be parsed as JSON. Check it for a missing quote, comma or brace, and that it is UTF-8.',
  },
  unauthenticated: {
    status: 401,
    title: 'Authentication is needed',
    detail: 'The request needs valid credentials.',
  },
  forbidden: {
    status: 403,
    title: 'This is not allowed',
    detail: 'The credentials are valid, but they do not allow this.',
  },
  route_not_found: {
    status: 404,
    title: 'There is nothing here',
    detail: 'No route matches this path. The routes are listed under /docs.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This method does not work here',
    detail: 'The path exists, but not for this method; see the Allow header.',
  },
  request_timeout: {
    status: 408,
    title: 'The request took too long to arrive',
    detail: 'The request was not received completely in time. Send it again.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    detail: 'The body is larger than this service accepts.',
  },
  uri_too_long: {
    status: 414,
    title: 'The path is too long',
    detail: 'A part of the path is longer than any that exists here.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'This media type is not understood',
    detail: 'Send the body as application/json.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    detail: 'Slow down and try again after the time in Retry-After.',
    retryAfterSeconds: 1,
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    detail: 'The request headers are larger than this service accepts.',
  },
  unavailable: {
    status: 503,
    title: 'Not available right now',
    detail: 'The service can not do this at the moment. Try again after the time in Retry-After.',
    retryAfterSeconds: 5,
  },
} as const satisfies Record<string, ProblemDefinition>;

export type RuntimeProblem = keyof typeof RUNTIME_PROBLEMS;

/** The problem for a bare HTTP status, as a framework reports it. */
export function problemOfStatus(status: number): RuntimeProblem {
  if (status >= 500) return status === 503 ? 'unavailable' : 'internal_error';
  const match = Object.entries(RUNTIME_PROBLEMS).find(
    ([code, problem]) => problem.status === status && code !== 'validation_failed' && code !== 'malformed_json',
  );
  return (match?.[0] as RuntimeProblem | undefined) ?? 'malformed_request';
}
