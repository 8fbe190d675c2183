import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RateLimitGuard, TokenGuard } from '@mooring/nest-access';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Principal } from '../api-tokens.ts';
import { Caller } from '../authentication.ts';
import { ApiProblems } from '../api-problems.ts';
import { PinnedSessions } from './pinned-sessions.ts';
import type { PinnedSession } from './pinned-sessions.ts';
import { sqlFault } from './sql-fault.ts';
import { sqlSessionRequest } from './sql-request.ts';
import type { SqlSessionRequest } from './sql-request.ts';

const sqlSession = z.object({
  id: z.string().meta({ example: '8f2a1c90b7de_4b9f1c1e-6f0a-4a53-9a38-2a0b1d6c7e55' }),
  namespace: z.string().nullable().meta({ description: 'Where USE has taken it.', example: 'sales' }),
  transaction: z.enum(['none', 'open', 'failed']),
  busy: z.boolean().meta({ description: 'A statement of it runs, or its result is being read.' }),
  openedAt: z.string().meta({ example: '2026-11-21T10:00:00.000Z' }),
  expiresAt: z
    .string()
    .meta({ description: 'When it is closed unless it is used.', example: '2026-11-21T10:10:00.000Z' }),
});
type SqlSessionState = z.output<typeof sqlSession>;

const sqlSessionList = z.object({ sessions: z.array(sqlSession) });

@ApiTags('sql')
@ApiBearerAuth()
@ApiProblems(401, 429)
@UseGuards(TokenGuard, RateLimitGuard)
@Controller('v1/sql/sessions')
export class SqlSessionsController {
  constructor(@Inject(PinnedSessions) private readonly sessions: PinnedSessions) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Open a pinned session',
    description:
      'Statements of POST /v1/sql that name it share its temporary tables, settings and transaction. It lives in the ' +
      'process that opened it, which alone answers for it, until it is closed, is not used for too long, or its token ends.',
  })
  @ApiResponse({ status: 201, description: 'It is open.', standardSchema: sqlSession })
  @ApiProblems(400, 413, 415, 503)
  open(
    @Caller() caller: Principal,
    @Body({ schema: sqlSessionRequest }) { namespace }: SqlSessionRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): SqlSessionState {
    try {
      const opened = this.sessions.open(caller, namespace);
      void reply.header('location', `/v1/sql/sessions/${opened.id}`);
      return stateOf(opened);
    } catch (error) {
      throw sqlFault(error);
    }
  }

  @Get()
  @ApiOperation({ summary: 'List your pinned sessions in this process' })
  @ApiResponse({ status: 200, description: 'All of them.', standardSchema: sqlSessionList })
  list(@Caller() caller: Principal): z.output<typeof sqlSessionList> {
    return { sessions: this.sessions.list(caller).map(stateOf) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'See how a pinned session stands' })
  @ApiParam({ name: 'id', type: String })
  @ApiResponse({ status: 200, description: 'Its state.', standardSchema: sqlSession })
  @ApiProblems(404, 421)
  show(@Caller() caller: Principal, @Param('id') id: string): SqlSessionState {
    return stateOf(this.sessions.get(caller, id));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Close a pinned session',
    description: 'What runs on it is cancelled, its transaction undone, its temporary tables are gone.',
  })
  @ApiParam({ name: 'id', type: String })
  @ApiResponse({ status: 204, description: 'It is closed.' })
  @ApiProblems(404, 421)
  async close(@Caller() caller: Principal, @Param('id') id: string): Promise<void> {
    await this.sessions.close(caller, id);
  }
}

function stateOf({ id, session, expiresAt }: PinnedSession): SqlSessionState {
  return {
    id,
    namespace: session.namespace ?? null,
    transaction: session.transaction,
    busy: session.isBusy,
    openedAt: new Date(session.openedAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}
