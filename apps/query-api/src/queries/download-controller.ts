import type { Readable } from 'node:stream';
import { Controller, Get, Headers, Inject, Param, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RateLimitGuard, TokenGuard } from '@mooring/nest-access';
import { ProblemError } from '@mooring/nest-runtime';
import type { FastifyReply } from 'fastify';
import type { Principal } from '../api-tokens.ts';
import { ApiProblems } from '../api-problems.ts';
import { Caller } from '../authentication.ts';
import { byteRange } from '../results/byte-range.ts';
import { KeptResults } from '../results/kept-results.ts';
import { RESULT_FORMATS } from './engine-runs.ts';
import { assertFinished } from './query-outcome.ts';
import { QueryWatch } from './query-watch.ts';

const FILE = { schema: { type: 'string', format: 'binary' } } as const;
const FORMS = { 'text/csv': FILE, 'application/vnd.apache.parquet': FILE };

/** The files of exports. */
@ApiTags('queries')
@ApiBearerAuth()
@ApiProblems(401, 429)
@UseGuards(TokenGuard, RateLimitGuard)
@Controller('v1/queries')
export class DownloadController {
  constructor(
    @Inject(QueryWatch) private readonly watch: QueryWatch,
    @Inject(KeptResults) private readonly results: KeptResults,
  ) {}

  @Get(':id/download')
  @ApiOperation({
    summary: 'Download the file of an export',
    description: 'A download that broke off goes on with Range and If-Range.',
  })
  @ApiParam({ name: 'id', type: String })
  @ApiHeader({ name: 'Range', required: false, description: 'One part of the file: `bytes=1000-`.' })
  @ApiResponse({ status: 200, description: 'The file.', content: FORMS })
  @ApiResponse({ status: 206, description: 'The part of it that Range asked for.', content: FORMS })
  @ApiProblems(404, 409, 410, 416, 421, 422, 501, 503)
  async download(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Headers('range') range: string | undefined,
    @Headers('if-range') ifRange: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const query = await this.watch.wait(caller, id, 0);
    if (query === undefined) throw new ProblemError('query_not_found', 'You have no query with this id.');
    assertFinished(query);
    const { attempt, exportAs, result } = query.record;
    if (result === undefined || result.form === 'rows') {
      const detail =
        exportAs === undefined
          ? `The query is no export: GET /v1/queries/${query.id}/rows has its rows.`
          : 'The statement gives no rows, so there is no file.';
      throw new ProblemError('result_is_file', detail);
    }
    const { bytes, form } = result;
    const etag = `"${query.id}-${attempt}"`;
    const part = ifRange === undefined || ifRange === etag ? byteRange(range, bytes) : undefined;
    if (part === 'unsatisfiable') {
      const headers = { 'content-range': `bytes */${bytes}` };
      throw new ProblemError('range_not_satisfiable', `The file has ${bytes} bytes.`, { headers });
    }
    const file = await this.results.open({ tenantId: caller.tenantId, queryId: query.id, attempt }, result);
    void reply.headers({
      'content-type': RESULT_FORMATS[form].contentType,
      'content-disposition': `attachment; filename="${query.id}.${form}"`,
      'content-length': part === undefined ? bytes : part.end - part.start + 1,
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      etag,
    });
    if (part === undefined) return file.createReadStream({ start: 0 });
    void reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${bytes}`);
    return file.createReadStream(part);
  }
}
