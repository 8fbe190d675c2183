import { Readable } from 'node:stream';
import { Body, Controller, Headers, HttpCode, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { EngineError } from '@mooring/engine';
import { RateLimitGuard, TokenGuard } from '@mooring/nest-access';
import { Logger, ProblemError, requestScope } from '@mooring/nest-runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../api-tokens.ts';
import { Caller } from '../authentication.ts';
import { ApiProblems } from '../api-problems.ts';
import { failedBatch } from './failed-batch.ts';
import { formatFor } from './formats/result-format.ts';
import { sqlAnswer } from './sql-answer.ts';
import type { SqlAnswer } from './sql-answer.ts';
import { sqlExchange } from './sql-exchange.ts';
import { sqlRequest } from './sql-request.ts';
import type { SqlRequest } from './sql-request.ts';
import { SqlRuns } from './sql-runs.ts';

@ApiTags('sql')
@ApiBearerAuth()
@ApiProblems(401, 403, 429)
@UseGuards(TokenGuard, RateLimitGuard)
@Controller('v1/sql')
export class SqlController {
  constructor(
    @Inject(SqlRuns) private readonly runs: SqlRuns,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Run SQL on the engine',
    description:
      'Runs the statements one after the other, and answers when the last one ended. A failure is a problem with the ' +
      '`statement` that failed, from 0, its `line` and `column`, and in `results` what the statements before it gave. ' +
      'The rows of one statement are streamed as NDJSON, CSV or Arrow where Accept asks for it; an answer that fails ' +
      'on its way is cut off. A client that goes away ends its statement.',
  })
  @ApiHeader({
    name: 'Accept',
    required: false,
    description:
      '`application/json` (default), `application/x-ndjson`, `text/csv` or `application/vnd.apache.arrow.stream`.',
  })
  @ApiResponse({ status: 200, description: 'All statements ran.', standardSchema: sqlAnswer })
  @ApiProblems(400, 404, 406, 409, 413, 415, 421, 422, 501, 503)
  async run(
    @Caller() caller: Principal,
    @Body({ schema: sqlRequest }) request: SqlRequest,
    @Headers('accept') accept: string | undefined,
    @Req() incoming: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SqlAnswer | Readable | Buffer> {
    const format = formatFor(accept);
    if (format === undefined) {
      throw new ProblemError('not_acceptable', 'None of the media types in Accept is one that results have here.');
    }
    void reply.header('vary', 'accept').header('cache-control', 'no-store');
    const exchange = sqlExchange(incoming, reply);
    if (format === 'json') {
      const { results, failure, rolledBack, tookMs, budget } = await this.runs.batch(caller, request, exchange);
      withBudget(reply, budget);
      if (failure !== undefined) {
        const body = failedBatch(reply, incoming.id, failure, { results, rolledBack, tookMs });
        if (reply.statusCode >= 500) this.warn('A statement failed', incoming, failure.error);
        return body;
      }
      return { status: 'finished', results: [...results], rolledBack, tookMs };
    }
    const { queryId, budget, parts } = await this.runs.stream(caller, request, exchange, format);
    withBudget(reply, budget);
    void reply.header('query-id', queryId).header('content-type', format.contentType);
    const body = Readable.from(parts, { objectMode: false });
    body.on('error', (error) => {
      if (!exchange.cancellation.aborted) this.warn('An answer was cut off', incoming, error);
    });
    return body;
  }

  /** Without the message: it may name objects of the tenant. */
  private warn(what: string, request: FastifyRequest, error: Error): void {
    const code = error instanceof EngineError ? error.code : error.name;
    this.logger.warn({ ...requestScope(request), context: 'Sql', code }, what);
  }
}

function withBudget(reply: FastifyReply, budget: string | undefined): void {
  if (budget !== undefined && budget !== '') void reply.header('budget-remaining', budget);
}
