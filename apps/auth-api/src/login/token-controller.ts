import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AuthTokens } from '@mooring/auth-tokens';
import type { Principal } from '@mooring/auth-tokens';
import { Caller, CallerToken, RateLimitGuard, TokenGuard } from '@mooring/nest-access';
import { ProblemError } from '@mooring/nest-runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblems } from '../api-problems.ts';
import { AuditLog } from '../audit-log.ts';
import { NoStore } from '../no-store.ts';
import { clientOf } from './client.ts';
import { meAnswer, meOf, passwordRequest, tokenAnswer } from './login-messages.ts';
import type { MeAnswer, PasswordBody, TokenAnswer } from './login-messages.ts';
import { OwnPassword } from './own-password.ts';
import { callerOf } from './token-claims.ts';
import { TokenCookie } from './token-cookie.ts';

@ApiTags('login')
@ApiBearerAuth()
@ApiProblems(401, 403, 429, 503)
@UseGuards(TokenGuard, RateLimitGuard)
@UseInterceptors(NoStore)
@Controller('auth')
export class TokenController {
  constructor(
    @Inject(AuthTokens) private readonly tokens: AuthTokens,
    @Inject(OwnPassword) private readonly ownPassword: OwnPassword,
    @Inject(TokenCookie) private readonly cookie: TokenCookie,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  @Get('me')
  @ApiOperation({ summary: 'Who am I?' })
  @ApiResponse({ status: 200, description: 'Whose token it is, and until when.', standardSchema: meAnswer })
  me(@Caller() principal: Principal): MeAnswer {
    return meOf(principal, callerOf(principal));
  }

  @Post('refresh')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Replace the token by its successor',
    description:
      'The token before counts for a few seconds more, and whoever refreshes it meanwhile gets the same successor. ' +
      'Presented later, it is a copy in the wrong hands: the session ends.',
  })
  @ApiResponse({ status: 200, description: 'The token to use from now on.', standardSchema: tokenAnswer })
  async refresh(
    @CallerToken() token: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenAnswer> {
    const rotated = await this.tokens.rotate(token);
    if (!rotated.ok) {
      const headers = { 'www-authenticate': 'Bearer error="invalid_token"' };
      throw new ProblemError('unauthenticated', 'The token is not good, or not any more.', { headers });
    }
    const caller = callerOf(rotated.value.principal);
    const me = meOf(rotated.value.principal, caller);
    if (!this.cookie.carries(request)) return { token: rotated.value.token, tokenType: 'Bearer', ...me };
    this.cookie.give(rotated.value, caller.rememberMe, { request, reply });
    return { tokenType: 'Bearer', ...me };
  }

  @Post('logout')
  @HttpCode(204)
  @ApiOperation({ summary: 'Log out: this session ends, on every instance' })
  @ApiResponse({ status: 204, description: 'It ended.' })
  async logout(
    @Caller() { tenantId, id, subjectId }: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.tokens.revokeSession({ tenantId, id }, subjectId, 'logout');
    this.cookie.takeBack(request, reply);
  }

  @Post('logout-all')
  @HttpCode(204)
  @ApiOperation({ summary: 'Log out everywhere: all your sessions end, this one too' })
  @ApiResponse({ status: 204, description: 'They ended.' })
  async logoutAll(
    @Caller() { tenantId, subjectId }: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.tokens.revokeAll({ tenantId, subjectId }, 'logout everywhere');
    this.cookie.takeBack(request, reply);
  }

  @Post('password')
  @HttpCode(204)
  @ApiOperation({ summary: 'Change your password', description: 'All your other sessions end.' })
  @ApiResponse({ status: 204, description: 'It is changed.' })
  @ApiProblems(400, 409)
  async changePassword(
    @Caller() principal: Principal,
    @Body({ schema: passwordRequest }) body: PasswordBody,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const caller = callerOf(principal);
    await this.ownPassword.change(caller, body, { id: principal.id, address: clientOf(request).address });
    this.audit.administration('password_changed', caller, caller);
  }
}
