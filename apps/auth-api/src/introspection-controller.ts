import { Body, Controller, HttpCode, Inject, Post, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AuthTokens } from '@mooring/auth-tokens';
import type { Principal } from '@mooring/auth-tokens';
import { Caller, RateLimitGuard, Roles, TokenGuard } from '@mooring/nest-access';
import { z } from 'zod';
import { ApiProblems } from './api-problems.ts';
import { callerOf } from './login/token-claims.ts';
import { NoStore } from './no-store.ts';
import { typedText } from './request-schemas.ts';

/** By its full template: the one route that takes forms. */
export const INTROSPECTION_ROUTE = '/auth/introspect';

/** RFC 7662 section 2.1. Members that are not known are let be, as OAuth wants it (RFC 6749 section 3.2). */
const introspectionRequest = z.object(
  {
    token: typedText('a token'),
    token_type_hint: z.string('must be text').optional().meta({ description: 'Makes no difference.' }),
  },
  'must be a form or a JSON object with a member token',
);

const introspection = z.object({
  active: z.boolean(),
  token_type: z.literal('Bearer').optional(),
  sub: z.string().optional().meta({ description: 'The id of the user.' }),
  username: z.string().optional().meta({ example: 'ann' }),
  tenant_id: z.string().optional().meta({ example: 'acme' }),
  role: z.string().optional().meta({ example: 'user' }),
  iat: z.number().optional().meta({ description: 'When the user logged in, in seconds since 1970.' }),
  exp: z
    .number()
    .optional()
    .meta({ description: 'When it ends unless it is used before, in seconds since 1970; asking counts as use.' }),
});
type Introspection = z.output<typeof introspection>;

@ApiTags('introspection')
@ApiBearerAuth()
@UseGuards(TokenGuard, RateLimitGuard)
@UseInterceptors(NoStore)
@Controller('auth')
export class IntrospectionController {
  constructor(@Inject(AuthTokens) private readonly tokens: AuthTokens) {}

  @Post('introspect')
  @Roles('service', 'dba', 'system')
  @HttpCode(200)
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiOperation({
    summary: 'Whose token is this, and is it good? (RFC 7662)',
    description:
      'For services: the roles `service` and `dba` may ask about tokens of their own tenant, `system` about all. Whatever ' +
      'is wrong with a token, the answer is `{"active": false}`.',
  })
  @ApiResponse({ status: 200, description: 'How it stands.', standardSchema: introspection })
  @ApiProblems(400, 401, 403, 413, 415, 429, 503)
  async introspect(
    @Caller() principal: Principal,
    @Body({ schema: introspectionRequest }) { token }: z.output<typeof introspectionRequest>,
  ): Promise<Introspection> {
    const verified = await this.tokens.verify(token);
    const caller = callerOf(principal);
    if (!verified.ok || (caller.role !== 'system' && verified.value.tenantId !== caller.tenantId)) {
      return { active: false };
    }
    const { authenticatedAt, absoluteExpiresAt, idleExpiresAt } = verified.value;
    const { id, username, tenantId, role } = callerOf(verified.value);
    return {
      active: true,
      token_type: 'Bearer',
      sub: id,
      username,
      tenant_id: tenantId,
      role,
      iat: Math.floor(authenticatedAt / 1000),
      exp: Math.floor(Math.min(absoluteExpiresAt, idleExpiresAt) / 1000),
    };
  }
}
