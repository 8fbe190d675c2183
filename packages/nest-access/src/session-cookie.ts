import { parseCookie, stringifySetCookie } from 'cookie';
import { headerOf } from './http-exchange.ts';
import type { AccessRequest } from './http-exchange.ts';

export interface SessionCookieOptions {
  /** Default `__Host-mooring`: browsers take it only from this very host, over TLS (or localhost), for all paths. */
  readonly name?: string;
  /** Origins besides the service's own whose pages may send requests with the cookie: `https://app.example.com`. */
  readonly allowedOrigins?: readonly string[];
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A token in a cookie, for browsers. A cookie is sent along whoever made the request, so whatever changes something is taken
 * only from pages of the service itself or of an allowed origin: by Sec-Fetch-Site, else by Origin, else not at all.
 */
export class SessionCookie {
  private readonly name: string;
  private readonly allowedOrigins: ReadonlySet<string>;

  constructor({ name = '__Host-mooring', allowedOrigins = [] }: SessionCookieOptions = {}) {
    this.name = name;
    this.allowedOrigins = new Set(allowedOrigins);
  }

  tokenOf(request: AccessRequest): string | undefined {
    return parseCookie(headerOf(request, 'cookie') ?? '')[this.name];
  }

  /** Set-Cookie for a token; the browser keeps it for `maxAgeMs`, or until it is closed. The store decides how long it is good. */
  setCookie(token: string, maxAgeMs?: number): string {
    return this.write(token, maxAgeMs);
  }

  /** Set-Cookie that removes it. */
  clearCookie(): string {
    return this.write('', 0);
  }

  /** Whether a request that carries the cookie comes from where it may come from. */
  isFromAllowedPage(request: AccessRequest): boolean {
    if (SAFE_METHODS.has(request.method)) return true;
    const origin = headerOf(request, 'origin');
    if (origin !== undefined && this.allowedOrigins.has(origin)) return true;
    const site = headerOf(request, 'sec-fetch-site');
    if (site !== undefined) return site === 'same-origin';
    return origin !== undefined && hostOf(origin) === headerOf(request, 'host');
  }

  private write(value: string, maxAgeMs: number | undefined): string {
    return stringifySetCookie({
      name: this.name,
      value,
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'lax',
      ...(maxAgeMs === undefined ? {} : { maxAge: Math.floor(maxAgeMs / 1000) }),
    });
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
