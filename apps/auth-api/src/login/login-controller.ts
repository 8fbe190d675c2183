import { Body, Controller, HttpCode, Inject, Post, Req, Res, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessError } from '@mooring/nest-access';
import { Metrics, ProblemError } from '@mooring/nest-runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblems } from '../api-problems.ts';
import { NoStore } from '../no-store.ts';
import { clientOf } from './client.ts';
import { Login } from './login.ts';
import type { LoginAnswer } from './login.ts';
import { LoginRateLimitGuard } from './login-rate-limit-guard.ts';
import { loginRequest, meOf, tokenAnswer } from './login-messages.ts';
import type { LoginBody, TokenAnswer } from './login-messages.ts';
import { callerOf } from './token-claims.ts';
import { TokenCookie } from './token-cookie.ts';

@ApiTags('login')
@UseGuards(LoginRateLimitGuard)
@UseInterceptors(NoStore)
@Controller('auth')
export class LoginController {
  private readonly durations;

  constructor(
    @Inject(Login) private readonly logins: Login,
    @Inject(TokenCookie) private readonly cookie: TokenCookie,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.durations = metrics.histogram({
      name: 'mooring_auth_login_duration_seconds',
      help: 'Time to answer a login, by how it went.',
      labelNames: ['outcome'],
      buckets: [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4],
    });
  }

  @Post('login')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Log in',
    description:
      'A wrong password, an unknown, disabled or locked user are all answered alike, and take as long. Failures delay and ' +
      'lock an account from one address first, then from everywhere.',
  })
  @ApiResponse({ status: 200, description: 'A token, good on every instance at once.', standardSchema: tokenAnswer })
  @ApiProblems(400, 401, 409, 413, 415, 429, 503)
  async login(
    @Body({ schema: loginRequest }) body: LoginBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenAnswer> {
    const took = this.durations.startTimer();
    let outcome = 'failed';
    try {
      const answer = await this.logins.login({ ...body, client: clientOf(request) });
      outcome = answer.ok ? 'succeeded' : answer.reason;
      if (!answer.ok) throw refusalOf(answer);
      const { issued } = answer;
      const caller = callerOf(issued.principal);
      this.cookie.give(issued, caller.rememberMe, { request, reply });
      return { token: issued.token, tokenType: 'Bearer', ...meOf(issued.principal, caller) };
    } finally {
      took({ outcome });
    }
  }
}

function refusalOf(answer: Extract<LoginAnswer, { ok: false }>): Error {
  if (answer.reason === 'too_many_attempts') {
    return new AccessError('too_many_requests', 'There were too many attempts; see Retry-After.', answer.retryAfterMs);
  }
  if (answer.reason === 'too_many_sessions') {
    return new ProblemError('too_many_sessions', 'The user has as many sessions as a user may have.');
  }
  return new ProblemError(
    'wrong_credentials',
    'The user name or the password is not right, or the user may not log in.',
    {
      headers: { 'www-authenticate': 'Bearer' },
    },
  );
}
