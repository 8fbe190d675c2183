import {
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Query,
  Req,
  Res,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AuthTokens } from '@mooring/auth-tokens';
import type { Principal, TokenSession } from '@mooring/auth-tokens';
import { Caller, RateLimitGuard, TokenGuard } from '@mooring/nest-access';
import { ProblemError, pageQuery } from '@mooring/nest-runtime';
import type { PageQuery } from '@mooring/nest-runtime';
import { SESSION_ID_PATTERN, StoreError } from '@mooring/session-store';
import type { Page } from '@mooring/session-store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiProblems } from '../api-problems.ts';
import { NoStore } from '../no-store.ts';
import { DEFAULT_PAGE, invalidCursor } from '../request-schemas.ts';
import { TokenCookie } from './token-cookie.ts';

const moment = z.string().meta({ example: '2026-11-21T22:00:00.000Z' });

const sessionList = z.object({
  sessions: z.array(
    z.object({
      id: z.string().meta({ description: 'Names the session; it is no secret and no token.' }),
      current: z.boolean().meta({ description: 'It is the one that asks.' }),
      createdAt: moment,
      lastSeenAt: moment.meta({ description: 'To the minute, as configured.' }),
      expiresAt: moment,
      idleExpiresAt: moment,
      rememberMe: z.boolean(),
      address: z.string().optional().meta({ description: 'Where it logged in from.', example: '203.0.113.7' }),
      userAgent: z.string().optional().meta({ example: 'curl/8.11.0' }),
    }),
  ),
  nextCursor: z.string().optional().meta({ description: 'For the next page. Absent on the last.' }),
});
type SessionList = z.output<typeof sessionList>;

@ApiTags('sessions')
@ApiBearerAuth()
@ApiProblems(401, 429, 503)
@UseGuards(TokenGuard, RateLimitGuard)
@UseInterceptors(NoStore)
@Controller('auth/sessions')
export class SessionsController {
  constructor(
    @Inject(AuthTokens) private readonly tokens: AuthTokens,
    @Inject(TokenCookie) private readonly cookie: TokenCookie,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List your sessions, newest first' })
  @ApiResponse({ status: 200, description: 'A page of them.', standardSchema: sessionList })
  @ApiProblems(400)
  async list(@Caller() principal: Principal, @Query({ schema: pageQuery }) page: PageQuery): Promise<SessionList> {
    const { items, cursor } = await this.read(principal, page);
    return {
      sessions: items.map((session) => shown(session, principal)),
      ...(cursor === undefined ? {} : { nextCursor: cursor }),
    };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'End one of your sessions, on every instance' })
  @ApiParam({ name: 'id', type: String })
  @ApiResponse({ status: 204, description: 'It ended.' })
  @ApiProblems(403, 404)
  async end(
    @Caller() { tenantId, subjectId, id: own }: Principal,
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const ended = SESSION_ID_PATTERN.test(id)
      ? await this.tokens.revokeSession({ tenantId, id }, subjectId, 'ended by its user')
      : undefined;
    if (ended?.ok !== true) throw new ProblemError('session_not_found', 'You have no session with this id.');
    if (id === own) this.cookie.takeBack(request, reply);
  }

  private async read(
    { tenantId, subjectId }: Principal,
    { limit = DEFAULT_PAGE, cursor }: PageQuery,
  ): Promise<Page<TokenSession>> {
    try {
      return await this.tokens.list({ tenantId, subjectId }, { limit, ...(cursor === undefined ? {} : { cursor }) });
    } catch (error) {
      if (cursor !== undefined && error instanceof StoreError && error.code === 'invalid_argument')
        throw invalidCursor();
      throw error;
    }
  }
}

function shown({ id, client, rememberMe, ...times }: TokenSession, own: Principal): SessionList['sessions'][number] {
  const { address, userAgent } = client;
  return {
    id,
    current: id === own.id,
    createdAt: new Date(times.createdAt).toISOString(),
    lastSeenAt: new Date(times.lastSeenAt).toISOString(),
    expiresAt: new Date(times.absoluteExpiresAt).toISOString(),
    idleExpiresAt: new Date(times.idleExpiresAt).toISOString(),
    rememberMe,
    ...(address === undefined ? {} : { address }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}
