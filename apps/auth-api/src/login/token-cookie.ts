import type { IssuedToken } from '@mooring/auth-tokens';
import type { SessionCookie } from '@mooring/nest-access';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Tokens in a cookie, for browsers; does nothing where the service was not asked for it. */
export class TokenCookie {
  constructor(private readonly cookie: SessionCookie | undefined) {}

  /** Whether the request's token came in the cookie. */
  carries(request: FastifyRequest): boolean {
    return this.cookie !== undefined && request.headers.authorization === undefined;
  }

  /** To a page of the service or of an allowed origin; to anybody else it would only be in the way. */
  give(
    { token, principal }: IssuedToken,
    rememberMe: boolean,
    { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  ): void {
    if (this.cookie?.isFromAllowedPage(request) !== true) return;
    const maxAgeMs = rememberMe ? principal.absoluteExpiresAt - Date.now() : undefined;
    void reply.header('set-cookie', this.cookie.setCookie(token, maxAgeMs));
  }

  takeBack(request: FastifyRequest, reply: FastifyReply): void {
    if (this.cookie !== undefined && this.carries(request)) void reply.header('set-cookie', this.cookie.clearCookie());
  }
}
