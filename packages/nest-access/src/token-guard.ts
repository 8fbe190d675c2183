import { Inject, Injectable, Optional, SetMetadata, createParamDecorator } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AuthTokens, Principal } from '@mooring/auth-tokens';
import { AccessError } from './errors.ts';
import { headerOf, requestOf, setHeaders } from './http-exchange.ts';
import type { AccessRequest } from './http-exchange.ts';
import { SessionCookie } from './session-cookie.ts';

/** What verifies tokens: `AuthTokens`, or `CachedTokens` before it. */
export type TokenVerifier = Pick<AuthTokens, 'verify'>;
export const TokenVerifier = Symbol('TokenVerifier');

const PUBLIC = 'mooring:public';
const ROLES = 'mooring:roles';

/** No token is needed here. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC, true);

/** Only for holders of a token with one of these as `claims.role`. */
export const Roles = (...roles: readonly string[]): MethodDecorator & ClassDecorator => SetMetadata(ROLES, roles);

const callers = new WeakMap<AccessRequest, { readonly principal: Principal; readonly token: string }>();

/** Who holds the request's token. Only behind `TokenGuard`. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  return callerOf(requestOf(context)).principal;
});

/** The request's token itself, for routes that end or replace it. Only behind `TokenGuard`. */
export const CallerToken = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  return callerOf(requestOf(context)).token;
});

/** As `Caller`, for guards and interceptors. */
export function principalOf(context: ExecutionContext): Principal | undefined {
  return callers.get(requestOf(context))?.principal;
}

/**
 * Lets a request through when its token is good: a bearer token (RFC 6750), or one in a cookie where a `SessionCookie` is
 * provided. A token in the URL is not looked at. A failure of the store is not a 401: its error goes on.
 */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(
    @Inject(TokenVerifier) private readonly tokens: TokenVerifier,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Optional() @Inject(SessionCookie) private readonly cookie?: SessionCookie,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<true | undefined>(PUBLIC, places) !== undefined) return true;
    const request = requestOf(context);
    const token = this.tokenOf(request, context);
    const verified = await this.tokens.verify(token);
    if (!verified.ok) throw this.challenge(context, 'The token is not good, or not any more.', 'error="invalid_token"');
    callers.set(request, { principal: verified.value, token });
    const roles = this.reflector.getAllAndOverride<readonly string[] | undefined>(ROLES, places);
    const { role } = verified.value.claims;
    if (roles !== undefined && !(typeof role === 'string' && roles.includes(role))) {
      const who = roles.length === 1 ? `the role ${roles[0]}` : `one of the roles ${roles.join(', ')}`;
      throw new AccessError('forbidden', `The token is good, but this takes ${who}.`);
    }
    return true;
  }

  private tokenOf(request: AccessRequest, context: ExecutionContext): string {
    const header = headerOf(request, 'authorization');
    if (header !== undefined) {
      const bearer = /^Bearer +(\S+)$/i.exec(header)?.[1];
      if (bearer === undefined) throw this.challenge(context, 'Send the token as `Authorization: Bearer <token>`.');
      return bearer;
    }
    const carried = this.cookie?.tokenOf(request);
    if (carried === undefined || carried === '' || this.cookie === undefined) {
      throw this.challenge(context, 'Send a token: `Authorization: Bearer <token>`.');
    }
    if (!this.cookie.isFromAllowedPage(request)) {
      throw new AccessError('forbidden', 'A request with this cookie is taken only from pages of this service.');
    }
    return carried;
  }

  private challenge(context: ExecutionContext, message: string, parameters = ''): AccessError {
    setHeaders(context, { 'WWW-Authenticate': `Bearer ${parameters}`.trim() });
    return new AccessError('unauthenticated', message);
  }
}

function callerOf(request: AccessRequest): { readonly principal: Principal; readonly token: string } {
  const caller = callers.get(request);
  if (caller === undefined) throw new AccessError('unauthenticated', 'The request was not authenticated.');
  return caller;
}
