import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import { ADAPTERS, startAccess } from './access.fixture.ts';
import type { AccessService } from './access.fixture.ts';

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
const post = (token: string, body: object = {}): RequestInit => ({
  method: 'POST',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe.each(Object.keys(ADAPTERS) as (keyof typeof ADAPTERS)[])('on %s', (platform) => {
  let service: AccessService;
  beforeAll(async () => {
    service = await startAccess(platform);
  });
  afterAll(() => service.close());

  it('a good token is let through, and the route knows who holds it', async () => {
    const { token } = await service.issue();
    const answer = await service.ask('/me', bearer(token));
    expect([answer.status, await answer.json()]).toEqual([200, { subjectId: 'ann', tenantId: 'acme' }]);
  });

  it('no token, a malformed header and a bad token are challenged alike', async () => {
    const { token } = await service.issue();
    const refused = [
      await service.ask('/me'),
      await service.ask('/me', { headers: { authorization: 'Basic YTpi' } }),
      await service.ask('/me', bearer('x')),
      await service.ask(`/me?access_token=${token}&token=${token}`),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    const challenges = refused.map(({ headers }) => headers.get('www-authenticate'));
    expect(challenges).toEqual(['Bearer', 'Bearer', 'Bearer error="invalid_token"', 'Bearer']);
    expect(await refused[2]?.json()).toMatchObject({ code: 'unauthenticated' });
  });

  it('a token that was logged out is refused from then on', async () => {
    const { token } = await service.issue();
    expect(await (await service.ask('/logout', post(token))).json()).toEqual({ ended: true });
    expect((await service.ask('/me', bearer(token))).status).toBe(401);
  });

  it('a route for some roles refuses the others, and a public one asks for nothing', async () => {
    const [user, admin] = [await service.issue(), await service.issue('admin')];
    expect((await service.ask('/admin', bearer(user.token))).status).toBe(403);
    expect((await service.ask('/admin', bearer(admin.token))).status).toBe(200);
    expect((await service.ask('/open')).status).toBe(200);
  });

  it('a store that is away is no 401', async () => {
    const away = await startAccess(platform);
    const { token } = await away.issue();
    await away.store.close();
    expect((await away.ask('/me', bearer(token))).status).toBe(500);
    await away.close();
  });

  it('a cookie carries a token to read, and to write only from pages of the service or an allowed origin', async () => {
    const { token } = await service.issue();
    const cookie = `theme=dark; __Host-mooring=${token}`;
    const from = async (headers: Record<string, string>, method = 'POST'): Promise<number> => {
      const answer = await service.ask(method === 'GET' ? '/me' : '/message', {
        method,
        headers: { cookie, ...headers },
      });
      return answer.status;
    };
    expect(await from({}, 'GET')).toBe(200);
    expect(await from({ 'sec-fetch-site': 'same-origin' })).toBe(201);
    expect(await from({ 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' })).toBe(201);
    expect(await from({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example.com' })).toBe(403);
    expect(await from({ 'sec-fetch-site': 'same-site', origin: 'https://x.example.com' })).toBe(403);
    expect(await from({ origin: 'null' })).toBe(403);
    expect(await from({})).toBe(403);
  });

  it('a route admits exactly its limit of many at once, and says in headers how it stands', async () => {
    const { token } = await service.issue();
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.ask('/message', post(token))));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get('ratelimit-policy')).toBe('"messages-session";q=3;w=60');
    expect(refused?.headers.get('ratelimit-remaining')).toBe('0');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(50);
    const other = await service.issue();
    expect((await service.ask('/message', post(other.token))).headers.get('ratelimit-remaining')).toBe('2');
  });

  it('a route without policies of its own has those of the service', async () => {
    const { token } = await service.issue();
    const { headers } = await service.ask('/me', bearer(token));
    expect(headers.get('ratelimit')).toBe('"requests-session";r=49;t=60');
    const nobody = await service.ask('/about');
    expect([nobody.status, nobody.headers.get('ratelimit')]).toEqual([200, null]);
  });

  it('a route without a token is limited by address', async () => {
    const other = await startAccess(platform);
    const answers = await Promise.all(Array.from({ length: 5 }, () => other.ask('/open')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    await other.close();
  });

  it('a call holds its budget, settles what it cost, and gives back what failed', async () => {
    const other = await startAccess(platform);
    const { token } = await other.issue();
    const spend = async (cost: number): Promise<number> => (await other.ask('/spend', post(token, { cost }))).status;
    const left = async () => (await other.ledger.usage({ tenantId: 'acme', user: 'ann' }))[0];
    expect(await spend(7)).toBe(201);
    expect(await spend(-1)).toBe(409);
    expect(await left()).toMatchObject({ settled: 7, reserved: 0 });
    const statuses = await Promise.all(Array.from({ length: 5 }, () => spend(9)));
    expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(2);
    expect(statuses).toContain(429);
    await other.close();
  });

  it('a call that fails says why, also where its budget can not be given back', async () => {
    const other = await startAccess(platform);
    const { token } = await other.issue();
    other.store.budgets.release = async () => {
      throw new StoreError({ code: 'unavailable', backend: 'memory', operation: 'release', message: 'it is away' });
    };
    const answer = await other.ask('/spend', post(token, { cost: -1 }));
    expect([answer.status, await answer.json()]).toEqual([409, expect.objectContaining({ message: 'it broke' })]);
    expect(other.warnings).toEqual([expect.stringContaining('memory release: it is away')]);
    await other.close();
  });
});
