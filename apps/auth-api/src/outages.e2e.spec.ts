import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFaultProxy, startRedis } from '@mooring/services';
import type { FaultProxy, RedisServer, ServiceProcess } from '@mooring/services';
import { ask, createUser, login, me, rootToken, startCluster, tokenOf } from './cluster.fixture.ts';
import type { Answer, Cluster, KnownUser } from './cluster.fixture.ts';

let cluster: Cluster;
let redis: RedisServer;
let proxy: FaultProxy;
let ann: KnownUser;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(), startRedis()]);
  proxy = await startFaultProxy({ target: cluster.databaseUrl });
});
afterAll(async () => {
  proxy.heal();
  await cluster.stop();
  await Promise.all([redis.stop(), proxy.close()]);
});

const behind = (url: string): Record<string, string> => ({ DATABASE_URL: proxy.url(url) });

async function askEverything(pod: ServiceProcess, token: string): Promise<[string, Answer][]> {
  const routes: [string, string, unknown?][] = [
    ['GET', '/auth/me'],
    ['POST', '/auth/refresh'],
    ['POST', '/auth/logout'],
    ['POST', '/auth/logout-all'],
    ['GET', '/auth/sessions'],
    ['POST', '/auth/password', { currentPassword: ann.password, newPassword: 'a new one, longer than before' }],
    ['POST', '/auth/introspect', { token }],
    ['GET', '/auth/users'],
    ['PATCH', `/auth/users/${ann.id}`, { disabled: true }],
  ];
  const asked = routes.map(async ([method, path, body]): Promise<[string, Answer]> => [
    `${method} ${path}`,
    await ask(pod, method, path, { token, ...(body === undefined ? {} : { body }) }),
  ]);
  return [...(await Promise.all(asked)), ['POST /auth/login', await login(pod, ann)]];
}

describe('a PostgreSQL that is away', () => {
  it('is 503 with Retry-After on every route, never 200 and never 401, until it is back; so is one that hangs', async () => {
    const patience = { MOORING_STORE_TIMEOUT_SECONDS: '15' };
    const pod = await cluster.start({ ...behind(cluster.databaseUrl), ...patience });
    ann = await createUser(pod);
    const token = await rootToken(pod);
    proxy.cut();
    for (const [route, { status, headers, body }] of await askEverything(pod, token)) {
      expect([route, status]).toEqual([route, 503]);
      expect(body['code']).toMatch(/^(store|users)_unavailable$/);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await me(pod, 'junk')).status).toBe(401);
    const ready = await ask(pod, 'GET', '/health/ready');
    expect([ready.status, ready.body]).toMatchObject([
      503,
      { checks: { 'session-store': { status: 'down' }, users: { status: 'down' } } },
    ]);
    expect((await ask(pod, 'GET', '/health/live')).status).toBe(200);
    proxy.heal();
    expect((await me(pod, token)).status).toBe(200);
    expect((await login(pod, ann)).status).toBe(200);
    await until(async () => (await ask(pod, 'GET', '/health/ready')).status === 200);
    expect(pod.output()).not.toContain('Request failed unexpectedly');

    proxy.hang();
    const answers = await Promise.all([me(pod, token), login(pod, ann)]);
    proxy.heal();
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  });
});

describe('a database of users that is away, with sessions in Redis', () => {
  it('lets tokens be good, and nobody in', async () => {
    const pod = await cluster.start({
      ...behind(cluster.databaseUrl),
      MOORING_SESSION_STORE: 'redis',
      REDIS_URL: `${redis.url}/2`,
    });
    const token = await tokenOf(pod, ann);
    proxy.cut();
    expect((await me(pod, token)).status).toBe(200);
    expect((await login(pod, ann)).body).toMatchObject({ status: 503, code: 'users_unavailable' });
    proxy.heal();
    expect((await login(pod, ann)).status).toBe(200);
  });
});

describe('a Redis with copies of sessions that is away', () => {
  it('fails nothing, and what was ended meanwhile stays so when it is back', async () => {
    const line = await startFaultProxy({ target: redis.url });
    const pods = await Promise.all([0, 1].map(() => cluster.start({ REDIS_URL: `${line.url(redis.url)}/3` })));
    const [one, other] = pods as [ServiceProcess, ServiceProcess];
    const user = await createUser(one);
    const [token, kept] = [await tokenOf(one, user), await tokenOf(one, user)];
    for (const pod of pods) expect((await me(pod, token)).status).toBe(200);
    line.cut();
    expect((await ask(one, 'POST', '/auth/logout', { token })).status).toBe(204);
    for (const pod of pods) expect([(await me(pod, token)).status, (await me(pod, kept)).status]).toEqual([401, 200]);
    expect((await login(other, user)).status).toBe(200);
    for (const pod of pods) await untilCopiesAre('away', pod, kept);
    await until(async () => (await ask(one, 'GET', '/health/ready')).status === 200);
    line.heal();
    for (const pod of pods) await untilCopiesAre('in use', pod, kept);
    for (const pod of pods) expect([(await me(pod, token)).status, (await me(pod, kept)).status]).toEqual([401, 200]);
    await until(async () =>
      /warn.*info/.test(
        noticesOf(one)
          .map(({ level }) => level)
          .join(),
      ),
    );
    const warned = noticesOf(one).filter(({ level }) => level === 'warn');
    const gaps = warned.slice(1).map(({ at }, index) => at - (warned[index]?.at ?? 0));
    expect(gaps.filter((ms) => ms < WARN_INTERVAL_MS - 1000)).toEqual([]);
    await line.close();
  });
});

/** Of the failover store: no more than a warning in that time, however often copies come and go. */
const WARN_INTERVAL_MS = 60_000;

/** What it says of its copies: `info` when they are in use, `warn` when they are not. */
function noticesOf(pod: ServiceProcess): { readonly level: string; readonly at: number }[] {
  const lines = pod.output().split('\n');
  const said = lines.filter((line) => line.includes(' for session storage') && line.endsWith('}'));
  return said.map((line) => {
    const { level, time } = JSON.parse(line) as { readonly level: string; readonly time: string };
    return { level, at: Date.parse(time) };
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** With a token that is good all the while: what becomes of copies is seen with use. */
async function untilCopiesAre(state: 'in use' | 'away', pod: ServiceProcess, token: string): Promise<void> {
  const degraded = state === 'away' ? '1' : '0';
  for (;;) {
    expect((await me(pod, token)).status).toBe(200);
    const metrics = await (await fetch(`${pod.url}/metrics`)).text();
    if (/^mooring_store_degraded\{.*\} (\d)$/m.exec(metrics)?.[1] === degraded) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
