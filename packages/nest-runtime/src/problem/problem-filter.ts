import { Catch } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from '../logging/describe-error.ts';
import type { Logger } from '../logging/logger.ts';
import { requestScope } from '../logging/request-scope.ts';
import { pathOf } from '../boot/request-path.ts';
import { RouteTable } from '../boot/route-table.ts';
import { problemOf } from './http-problem.ts';
import { PROBLEM_MEDIA_TYPE } from './problem-details.ts';
import { problemBody } from './problem-registry.ts';
import type { Problem, ProblemRegistry } from './problem-registry.ts';

/** Answers every error as a problem. What the caller may not see goes to the log, under the request's id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly registry: ProblemRegistry,
    private readonly logger: Logger,
    private readonly routes: RouteTable,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (request.raw.readableAborted || (request.raw.destroyed && !request.raw.complete)) {
      // The client went away while it sent its body: nobody to answer, and nothing that failed here.
      reply.raw.destroy();
      return;
    }
    const problem = request.is404 ? this.withoutRoute(request) : problemOf(error, this.registry);
    this.log(problem, error, request);
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    void reply
      .code(problem.status)
      .headers({ ...problem.headers, 'x-request-id': request.id, 'cache-control': 'no-store' })
      .type(PROBLEM_MEDIA_TYPE)
      .send(Buffer.from(JSON.stringify(problemBody(problem, pathOf(request.raw.url), request.id))));
  }

  private withoutRoute(request: FastifyRequest): Problem {
    const allowed = this.routes.methodsOf(pathOf(request.raw.url));
    if (allowed.length === 0) return this.registry.problem('route_not_found');
    return this.registry.problem('method_not_allowed', { headers: { allow: allowed.join(', ') } });
  }

  private log(problem: Problem, error: unknown, request: FastifyRequest): void {
    if (problem.status < 500) return;
    const entry = { ...requestScope(request), code: problem.code, error: describeError(error) };
    if (problem.unexpected) this.logger.error(entry, 'Request failed unexpectedly');
    else this.logger.warn(entry, 'Request failed');
  }
}
