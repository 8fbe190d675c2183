import { isError } from '../logging/is-error.ts';
import { HttpException } from '@nestjs/common';
import type { Problem, ProblemRegistry } from './problem-registry.ts';
import { problemOfStatus } from './runtime-problems.ts';
import type { RuntimeProblem } from './runtime-problems.ts';

const FASTIFY_PROBLEMS: Readonly<Record<string, RuntimeProblem>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'uri_too_long',
};

/** The problem of any error: by the app's rules, else by what the framework says of it, else `internal_error`. */
export function problemOf(error: unknown, registry: ProblemRegistry): Problem {
  const known = registry.find(error);
  if (known !== undefined) return known;
  const cause = error instanceof HttpException ? (error.cause ?? error) : error;
  const byCode = registry.find(cause) ?? frameworkProblem(cause, registry);
  if (byCode !== undefined) return byCode;
  if (error instanceof HttpException) return registry.problem(problemOfStatus(error.getStatus()));
  return registry.problem('internal_error', { unexpected: true });
}

function frameworkProblem(error: unknown, registry: ProblemRegistry): Problem | undefined {
  if (!isError(error)) return undefined;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  const named = typeof code === 'string' ? FASTIFY_PROBLEMS[code] : undefined;
  if (named !== undefined) return registry.problem(named);
  if (error.name === 'SyntaxError' && statusCode === 400) return registry.problem('malformed_json');
  const ofFastify = typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number';
  return ofFastify && statusCode < 500 ? registry.problem(problemOfStatus(statusCode)) : undefined;
}
