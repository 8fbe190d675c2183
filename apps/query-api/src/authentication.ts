import { Inject, Injectable, createParamDecorator } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { ProblemError } from '@mooring/nest-runtime';
import type { FastifyRequest } from 'fastify';
import { findPrincipal } from './api-tokens.ts';
import type { Principal } from './api-tokens.ts';
import { QueryApiConfig } from './config.ts';

const callers = new WeakMap<FastifyRequest, Principal>();

/** Lets a request through when its bearer token is one of the configuration. */
@Injectable()
export class BearerAuthentication implements CanActivate {
  constructor(@Inject(QueryApiConfig) private readonly config: QueryApiConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const header = request.headers.authorization;
    if (header === undefined) throw refused('Send a token: `Authorization: Bearer <token>`.', 'Bearer');
    const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
    const principal = token === undefined ? undefined : findPrincipal(this.config.tokens, token);
    if (principal === undefined) {
      throw refused('The token is none that this service knows.', 'Bearer error="invalid_token"');
    }
    callers.set(request, principal);
    return true;
  }
}

function refused(detail: string, challenge: string): ProblemError {
  return new ProblemError('unauthenticated', detail, { headers: { 'www-authenticate': challenge } });
}

/** The principal of the request's token. Only behind `BearerAuthentication`. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (principal === undefined) throw new ProblemError('unauthenticated', 'The request was not authenticated.');
  return principal;
});
