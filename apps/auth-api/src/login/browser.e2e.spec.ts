import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { ask, createUser, login, me, startCluster } from '../cluster.fixture.ts';
import type { Answer, Cluster, KnownUser } from '../cluster.fixture.ts';

const APP = 'https://app.example.com';
const FROM_APP = { origin: APP, 'sec-fetch-site': 'same-site' };

let cluster: Cluster;
let pod: ServiceProcess;
let ann: KnownUser;
beforeAll(async () => {
  cluster = await startCluster({
    MOORING_AUTH_COOKIE: 'true',
    MOORING_AUTH_ALLOWED_ORIGINS: `${APP}, https://b.example`,
  });
  pod = await cluster.start();
  ann = await createUser(pod);
});
afterAll(() => cluster.stop());

const SET = /^__Host-mooring=(mrg_[^;]+); (?:Max-Age=(\d+); )?Path=\/; HttpOnly; Secure; SameSite=Lax$/;

function cookieOf({ headers }: Answer): { readonly cookie: string; readonly maxAge: string | undefined } {
  const [, token = '', maxAge] = SET.exec(headers.get('set-cookie') ?? '') ?? [];
  return { cookie: `__Host-mooring=${token}`, maxAge };
}

const by = (
  cookie: string,
  method: string,
  path: string,
  headers: Record<string, string> = FROM_APP,
): Promise<Answer> => ask(pod, method, path, { headers: { cookie, ...headers } });

describe('a browser', () => {
  it('gets its token in a cookie that scripts do not see, until it is closed or for as long as it is remembered', async () => {
    const short = cookieOf(await login(pod, ann, { headers: FROM_APP }));
    expect(short.maxAge).toBeUndefined();
    expect((await by(short.cookie, 'GET', '/auth/me')).body['user']).toMatchObject({ id: ann.id });
    const long = cookieOf(await login(pod, ann, { headers: FROM_APP, rememberMe: true }));
    expect(Number(long.maxAge)).toBeGreaterThan(29 * 86_400);
    const refreshed = await by(long.cookie, 'POST', '/auth/refresh');
    expect(Number(cookieOf(refreshed).maxAge)).toBeGreaterThan(29 * 86_400);
    expect(refreshed.body).not.toHaveProperty('token');
    expect((await by(cookieOf(refreshed).cookie, 'GET', '/auth/me')).status).toBe(200);
  });

  it('changes something only from pages of the service or of an allowed origin', async () => {
    const { cookie } = cookieOf(await login(pod, ann, { headers: FROM_APP }));
    for (const headers of [
      {},
      { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' },
      { origin: 'https://app.example.com.evil.com' },
      { origin: 'null' },
      { referer: APP },
    ]) {
      const answer = await by(cookie, 'POST', '/auth/logout-all', headers);
      expect(answer.body).toMatchObject({ status: 403, code: 'forbidden' });
    }
    expect((await by(cookie, 'GET', '/auth/me', {})).status).toBe(200);
    expect((await by(cookie, 'POST', '/auth/logout', { 'sec-fetch-site': 'same-origin' })).status).toBe(204);
  });

  it('has its cookie taken back when the session ends', async () => {
    for (const path of ['/auth/logout', '/auth/logout-all']) {
      const { cookie } = cookieOf(await login(pod, ann, { headers: FROM_APP }));
      const answer = await by(cookie, 'POST', path);
      expect(answer.headers.get('set-cookie')).toContain('__Host-mooring=; Max-Age=0');
      expect((await by(cookie, 'GET', '/auth/me')).status).toBe(401);
    }
  });

  it('may read answers on pages of allowed origins alone', async () => {
    const allowed = await login(pod, ann, { headers: FROM_APP });
    expect(allowed.headers.get('access-control-allow-origin')).toBe(APP);
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true');
    const preflight = (origin: string) =>
      fetch(`${pod.url}/auth/refresh`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    expect((await preflight(APP)).headers.get('access-control-allow-origin')).toBe(APP);
    expect((await preflight('https://evil.example.com')).headers.get('access-control-allow-origin')).toBeNull();
    const refused = await login(pod, ann, {
      headers: { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' },
    });
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    expect(refused.headers.get('set-cookie')).toBeNull();
  });
});

describe('anybody else', () => {
  it('gets no cookie, and the token in the answer', async () => {
    const answer = await login(pod, ann);
    expect(answer.headers.get('set-cookie')).toBeNull();
    const token = String(answer.body['token']);
    const refreshed = await ask(pod, 'POST', '/auth/refresh', { token });
    expect(refreshed.headers.get('set-cookie')).toBeNull();
    expect((await me(pod, String(refreshed.body['token']))).status).toBe(200);
  });
});
