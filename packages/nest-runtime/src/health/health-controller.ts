import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Readiness } from './readiness.ts';
import type { ReadinessReport } from './readiness.ts';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get('live')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Is the process alive? Asks no dependency, so an outage elsewhere restarts nothing.' })
  @ApiOkResponse({ schema: { example: { status: 'up' } } })
  live(): { readonly status: 'up' } {
    return { status: 'up' };
  }

  @Get('ready')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Should this process get requests? Asks each dependency.' })
  @ApiOkResponse({ schema: { example: { status: 'up', checks: { 'session-store': { status: 'up' } } } } })
  @ApiServiceUnavailableResponse({
    schema: { example: { status: 'down', checks: { 'session-store': { status: 'down', reason: 'refused' } } } },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    if (report.status === 'down') void reply.code(503).header('retry-after', '5');
    return report;
  }
}
