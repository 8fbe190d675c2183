import { describe, expect, it } from '@jest/globals';
import { SessionCookie } from './session-cookie.ts';

describe('SessionCookie', () => {
  it('is one that scripts, other hosts and unencrypted lines do not get', () => {
    expect(new SessionCookie().setCookie('mrg_x.y.z', 90_500)).toBe(
      '__Host-mooring=mrg_x.y.z; Max-Age=90; Path=/; HttpOnly; Secure; SameSite=Lax',
    );
    expect(new SessionCookie({ name: 'sid' }).setCookie('a')).toBe('sid=a; Path=/; HttpOnly; Secure; SameSite=Lax');
    expect(new SessionCookie().clearCookie()).toContain('Max-Age=0');
  });

  it('is found among others, and only by its whole name', () => {
    const tokenOf = (cookie: string) => new SessionCookie().tokenOf({ method: 'GET', headers: { cookie } });
    expect(tokenOf('a=1; __Host-mooring=token; b=2')).toBe('token');
    expect(tokenOf('x__Host-mooring=token')).toBeUndefined();
    expect(tokenOf('')).toBeUndefined();
    expect(tokenOf('__proto__=x')).toBeUndefined();
  });

  it('takes a request without Sec-Fetch-Site by its Origin alone', () => {
    const allowed = (headers: Record<string, string>) =>
      new SessionCookie().isFromAllowedPage({ method: 'DELETE', headers: { host: 'api.example.com', ...headers } });
    expect(allowed({ origin: 'https://api.example.com' })).toBe(true);
    expect(allowed({ origin: 'https://api.example.com.evil.com' })).toBe(false);
    expect(allowed({ origin: 'https://api.example.com:444' })).toBe(false);
    expect(allowed({ referer: 'https://api.example.com/' })).toBe(false);
  });
});
