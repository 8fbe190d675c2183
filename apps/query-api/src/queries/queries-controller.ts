import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RateLimitGuard, TokenGuard } from '@mooring/nest-access';
import { ProblemError, ServiceLifecycle, pageQuery, requestScope, validationProblem } from '@mooring/nest-runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal } from '../api-tokens.ts';
import { Caller } from '../authentication.ts';
import { QueryApiConfig } from '../config.ts';
import { ApiProblems } from '../api-problems.ts';
import type { QueryOrigin } from './engine-runs.ts';
import { Queries } from './queries.ts';
import type { Submitted } from './queries.ts';
import { queryList, queryResult, queryState, resultRows, rowsOf, stateOf } from './query-answer.ts';
import type { QueryList, QueryResult, QueryState, ResultRows } from './query-answer.ts';
import { isOver } from './query-record.ts';
import { QueryRecords } from './query-records.ts';
import type { StoredQuery } from './query-records.ts';
import { QueryRows } from './query-rows.ts';
import {
  DEFAULT_MAX_ROWS,
  LONGEST_WAIT_SECONDS,
  isIdempotencyKey,
  queryRequest,
  rowsQuery,
  waitQuery,
} from './query-request.ts';
import type { QueryRequest } from './query-request.ts';
import { QueryWatch } from './query-watch.ts';
import { requestFault } from './request-fault.ts';
import { assertFinished } from './query-outcome.ts';

const CANCEL_WAIT_MS = 5_000;
const DEFAULT_PAGE = 20;

@ApiTags('queries')
@ApiBearerAuth()
@ApiProblems(401, 429)
@UseGuards(TokenGuard, RateLimitGuard)
@Controller('v1/queries')
export class QueriesController {
  constructor(
    @Inject(Queries) private readonly queries: Queries,
    @Inject(QueryWatch) private readonly watch: QueryWatch,
    @Inject(QueryRecords) private readonly records: QueryRecords,
    @Inject(QueryRows) private readonly rowsOfQueries: QueryRows,
    @Inject(ServiceLifecycle) private readonly lifecycle: ServiceLifecycle,
    @Inject(QueryApiConfig) private readonly config: QueryApiConfig,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Run a statement',
    description:
      'In the warehouse, or on the engine where `namespace` is given. Waits up to `waitSeconds` for the end. 200 with the ' +
      'rows when the statement finished, 202 with its state and Location when it did not yet, and a problem when it failed.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Runs the statement once, however often the request arrives within 24 hours. Up to 255 visible ASCII characters.',
  })
  @ApiResponse({ status: 200, description: 'It finished.', standardSchema: queryResult })
  @ApiResponse({
    status: 202,
    description: 'It is queued or running; Location has its state.',
    standardSchema: queryState,
  })
  @ApiProblems(400, 403, 404, 409, 413, 415, 422, 501, 502, 503)
  async run(
    @Caller() caller: Principal,
    @Body({ schema: queryRequest }) request: QueryRequest,
    @Headers('idempotency-key') key: string | undefined,
    @Req() incoming: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QueryResult | QueryState> {
    const arrivedAt = performance.now();
    this.assertLimits(request);
    const submitted = await this.submit(caller, request, key, {
      ...requestScope(incoming),
      clientAddress: incoming.ip,
    });
    void reply.header('location', `/v1/queries/${submitted.id}`);
    if (submitted.budget !== undefined) void reply.header('budget-remaining', submitted.budget);
    if (submitted.replayed) void reply.header('idempotency-replayed', 'true');
    const waitMs = (request.waitSeconds ?? LONGEST_WAIT_SECONDS) * 1000;
    const query = await this.settle(caller, submitted, waitMs);
    if (!isOver(query.record)) {
      void reply.code(202);
      return stateOf(query);
    }
    return this.result(caller, query, request.maxRows ?? DEFAULT_MAX_ROWS, arrivedAt, submitted);
  }

  @Get()
  @ApiOperation({ summary: 'List your queries, newest first' })
  @ApiResponse({ status: 200, description: 'A page of them.', standardSchema: queryList })
  @ApiProblems(400, 503)
  async list(
    @Caller() caller: Principal,
    @Query({ schema: pageQuery }) page: z.output<typeof pageQuery>,
  ): Promise<QueryList> {
    const { queries, cursor } = await this.records.list(caller, { ...page, limit: page.limit ?? DEFAULT_PAGE });
    const seen = await Promise.all(queries.map((query) => this.watch.glance(caller, query)));
    return { queries: seen.map((query) => stateOf(query)), ...(cursor === undefined ? {} : { nextCursor: cursor }) };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'See how a query stands',
    description: 'Waits up to `waitSeconds` for its end. Any instance answers.',
  })
  @ApiParam({ name: 'id', type: String })
  @ApiResponse({ status: 200, description: 'Its state.', standardSchema: queryState })
  @ApiProblems(400, 404, 501, 503)
  async show(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Query({ schema: waitQuery }) { waitSeconds }: z.output<typeof waitQuery>,
  ): Promise<QueryState> {
    return stateOf(await this.get(caller, id, (waitSeconds ?? 0) * 1000));
  }

  @Get(':id/rows')
  @ApiOperation({ summary: 'Read the rows of a finished query, page by page' })
  @ApiParam({ name: 'id', type: String })
  @ApiResponse({ status: 200, description: 'The next rows.', standardSchema: resultRows })
  @ApiProblems(400, 404, 409, 410, 421, 422, 501, 503)
  async rows(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Query({ schema: rowsQuery }) { limit, cursor }: z.output<typeof rowsQuery>,
  ): Promise<ResultRows> {
    this.assertRows(limit, { parameter: 'limit' });
    const query = await this.get(caller, id, 0);
    assertFinished(query);
    return rowsOf(await this.rowsOfQueries.read(caller, query, { limit: limit ?? DEFAULT_MAX_ROWS, cursor }));
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Cancel a query, or free its result',
    description:
      'Answers how it stands then. One that is over stays as it is; the rows or the file that the engine gave are not kept any more.',
  })
  @ApiParam({ name: 'id', type: String })
  @ApiResponse({ status: 200, description: 'Its state.', standardSchema: queryState })
  @ApiProblems(404, 421, 501, 503)
  async cancel(@Caller() caller: Principal, @Param('id') id: string): Promise<QueryState> {
    await this.watch.cancel(caller, id);
    const query = await this.get(caller, id, CANCEL_WAIT_MS);
    await this.rowsOfQueries.forget(caller, query);
    return stateOf(query);
  }

  private async submit(
    caller: Principal,
    request: QueryRequest,
    key: string | undefined,
    origin: QueryOrigin,
  ): Promise<Submitted> {
    try {
      if (key === undefined) return await this.queries.start(caller, request, origin);
      if (!isIdempotencyKey(key)) {
        throw validationProblem([{ header: 'Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' }]);
      }
      return await this.queries.startOnce(caller, request, key, origin);
    } catch (error) {
      throw requestFault(error);
    }
  }

  /** The query when it ended, as this process saw it, or as it stands after the wait. */
  private async settle(caller: Principal, { id, execution }: Submitted, waitMs: number): Promise<StoredQuery> {
    if (execution === undefined) return this.get(caller, id, waitMs);
    await execution.wait(waitMs, this.lifecycle.signal);
    if (execution.refusal === undefined) return execution.standing();
    await execution.over;
    const query = await execution.recorded();
    if (query.record.status === 'cancelled') return query;
    throw requestFault(execution.refusal);
  }

  private async result(
    caller: Principal,
    query: StoredQuery,
    maxRows: number,
    arrivedAt: number,
    { execution }: Submitted,
  ): Promise<QueryResult> {
    assertFinished(query);
    const startedAt = performance.now();
    const reading = this.rowsOfQueries.first(caller, query, maxRows);
    const [slice] = await Promise.all([reading, execution?.over]);
    const answeredAt = performance.now();
    const final = execution === undefined ? query : await execution.standing();
    const timings = {
      ...final.record.timings,
      ...(query.record.hasResultSet === true ? { fetchMs: answeredAt - startedAt } : {}),
      ...(execution === undefined ? {} : { totalMs: answeredAt - arrivedAt }),
    };
    return { ...stateOf(final, timings), ...rowsOf(slice) };
  }

  private async get(caller: Principal, id: string, waitMs: number): Promise<StoredQuery> {
    const query = await this.watch.wait(caller, id, waitMs);
    if (query === undefined) throw new ProblemError('query_not_found', 'You have no query with this id.');
    return query;
  }

  private assertLimits({ maxRows, timeoutSeconds, export: asFile }: QueryRequest): void {
    if (asFile === undefined) this.assertRows(maxRows, { pointer: '#/maxRows' });
    const longest = this.config.queries.maxTimeoutMs / 1000;
    if (timeoutSeconds !== undefined && timeoutSeconds > longest) {
      throw validationProblem([{ pointer: '#/timeoutSeconds', detail: `must not be above ${longest}` }]);
    }
  }

  private assertRows(
    rows: number | undefined,
    where: { readonly pointer: string } | { readonly parameter: string },
  ): void {
    const { maxRows } = this.config.queries;
    if (rows !== undefined && rows > maxRows)
      throw validationProblem([{ ...where, detail: `must not be above ${maxRows}` }]);
  }
}
