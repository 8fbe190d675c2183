import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Res,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '@mooring/auth-tokens';
import { Caller, RateLimitGuard, Roles, TokenGuard } from '@mooring/nest-access';
import type { FastifyReply } from 'fastify';
import { isUsername, usernameKey } from '@mooring/users';
import { ApiProblems } from '../api-problems.ts';
import { AuditLog } from '../audit-log.ts';
import { callerOf } from '../login/token-claims.ts';
import { NoStore } from '../no-store.ts';
import { DEFAULT_PAGE, invalidCursor } from '../request-schemas.ts';
import { UserAdministration } from './user-administration.ts';
import { shownUser, unlockRequest, userAnswer, userList, userPatch, userQuery, userRequest } from './user-messages.ts';
import type { UnlockBody, UserAnswer, UserBody, UserList, UserPatchBody, UserQuery } from './user-messages.ts';

@ApiTags('users')
@ApiBearerAuth()
@ApiProblems(401, 403, 429, 503)
@UseGuards(TokenGuard, RateLimitGuard)
@UseInterceptors(NoStore)
@Roles('dba', 'system')
@Controller('auth/users')
export class UsersController {
  constructor(
    @Inject(UserAdministration) private readonly administration: UserAdministration,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Create a user',
    description: 'For the role dba in its own tenant, with roles up to its own; for system anywhere.',
  })
  @ApiResponse({ status: 201, description: 'The user; Location has it.', standardSchema: userAnswer })
  @ApiProblems(400, 409)
  async create(
    @Caller() principal: Principal,
    @Body({ schema: userRequest }) body: UserBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserAnswer> {
    const caller = callerOf(principal);
    const user = await this.administration.create(caller, body);
    this.audit.administration('user_created', caller, user);
    void reply.header('location', `/auth/users/${user.id}`);
    return shownUser(user);
  }

  @Get()
  @ApiOperation({ summary: 'List users by name: those of your tenant; for system, of all' })
  @ApiResponse({ status: 200, description: 'A page of them.', standardSchema: userList })
  @ApiProblems(400)
  async list(
    @Caller() principal: Principal,
    @Query({ schema: userQuery }) { limit = DEFAULT_PAGE, cursor, tenantId }: UserQuery,
  ): Promise<UserList> {
    const after = cursor === undefined ? undefined : nameIn(cursor);
    const found = await this.administration.list(callerOf(principal), { tenantId, after, limit: limit + 1 });
    const users = found.slice(0, limit);
    const last = found.length > limit ? users.at(-1) : undefined;
    return {
      users: users.map(shownUser),
      ...(last === undefined ? {} : { nextCursor: Buffer.from(usernameKey(last.username)).toString('base64url') }),
    };
  }

  @Get(':id')
  @ApiOperation({ summary: 'See a user' })
  @ApiParam({ name: 'id', type: String })
  @ApiResponse({ status: 200, description: 'The user.', standardSchema: userAnswer })
  @ApiProblems(404)
  async show(@Caller() principal: Principal, @Param('id') id: string): Promise<UserAnswer> {
    return shownUser(await this.administration.get(callerOf(principal), id));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change a user: role, tenant, disabled, password',
    description: 'All sessions of the user end before this is answered.',
  })
  @ApiParam({ name: 'id', type: String })
  @ApiResponse({ status: 200, description: 'The user as it is now.', standardSchema: userAnswer })
  @ApiProblems(400, 404, 409)
  async change(
    @Caller() principal: Principal,
    @Param('id') id: string,
    @Body({ schema: userPatch }) patch: UserPatchBody,
  ): Promise<UserAnswer> {
    const caller = callerOf(principal);
    const user = await this.administration.change(caller, id, patch);
    this.audit.administration('user_changed', caller, user);
    return shownUser(user);
  }

  @Post(':id/unlock')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Let a user log in again after too many failures',
    description: 'From everywhere; also from one address, where it is given.',
  })
  @ApiParam({ name: 'id', type: String })
  @ApiResponse({ status: 204, description: 'The failures are forgotten.' })
  @ApiProblems(400, 404)
  async unlock(
    @Caller() principal: Principal,
    @Param('id') id: string,
    @Body({ schema: unlockRequest }) body: UnlockBody,
  ): Promise<void> {
    const caller = callerOf(principal);
    const user = await this.administration.unlock(caller, id, body?.address);
    this.audit.administration('user_unlocked', caller, user);
  }
}

function nameIn(cursor: string): string {
  const name = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!isUsername(name) || Buffer.from(name).toString('base64url') !== cursor) throw invalidCursor();
  return name;
}
