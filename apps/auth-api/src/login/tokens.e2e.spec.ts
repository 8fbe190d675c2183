import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRedis } from '@mooring/services';
import type { RedisServer, ServiceProcess } from '@mooring/services';
import { ask, createUser, login, me, startCluster, tokenOf } from '../cluster.fixture.ts';
import type { Cluster, KnownUser } from '../cluster.fixture.ts';

const STORES: Readonly<Record<string, (redisUrl: string) => Record<string, string>>> = {
  PostgreSQL: () => ({}),
  Redis: (url) => ({ MOORING_SESSION_STORE: 'redis', REDIS_URL: url }),
  'PostgreSQL with copies in Redis': (url) => ({ REDIS_URL: `${url}/1` }),
};

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describe.each(Object.keys(STORES))('tokens on two pods, sessions in %s', (store) => {
  let cluster: Cluster;
  let pods: readonly [ServiceProcess, ServiceProcess];
  let ann: KnownUser;
  beforeAll(async () => {
    cluster = await startCluster(STORES[store]?.(redis.url));
    pods = await Promise.all([cluster.start(), cluster.start()]);
    ann = await createUser(pods[0]);
  });
  afterAll(() => cluster.stop());

  it('are good on both at once, and say whose they are', async () => {
    const { status, headers, body } = await login(pods[0], ann);
    const user = { id: ann.id, username: ann.username, tenantId: 'acme', role: 'user' };
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    expect(body).toEqual({
      token: expect.stringMatching(/^mrg_/),
      tokenType: 'Bearer',
      expiresAt: moment,
      idleExpiresAt: moment,
      user,
    });
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    for (const pod of pods) {
      const answer = await me(pod, String(body['token']));
      expect([answer.status, answer.body['user'], answer.headers.get('cache-control')]).toEqual([
        200,
        user,
        'no-store',
      ]);
    }
    expect(lifetimeHours(body)).toBeCloseTo(12, 1);
    expect(lifetimeHours((await login(pods[0], ann, { rememberMe: true })).body)).toBeCloseTo(30 * 24, 1);
  });

  it('that are logged out on one are refused on the other, and the others of the user stay', async () => {
    const [token, other] = [await tokenOf(pods[0], ann), await tokenOf(pods[0], ann)];
    expect((await me(pods[1], token)).status).toBe(200);
    expect((await ask(pods[0], 'POST', '/auth/logout', { token })).status).toBe(204);
    const refused = await me(pods[1], token);
    expect(refused.body).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect((await me(pods[1], other)).status).toBe(200);
  });

  it('all end with a log-out everywhere', async () => {
    const tokens = await Promise.all([tokenOf(pods[0], ann), tokenOf(pods[1], ann)]);
    const spared = await tokenOf(pods[0], await createUser(pods[0]));
    expect((await ask(pods[1], 'POST', '/auth/logout-all', { token: tokens[0] })).status).toBe(204);
    for (const token of tokens) expect((await me(pods[0], token)).status).toBe(401);
    expect((await me(pods[0], spared)).status).toBe(200);
  });

  it('are refreshed by ten at once on two pods to one successor', async () => {
    const token = await tokenOf(pods[0], ann);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => ask(pods[index % 2] ?? pods[0], 'POST', '/auth/refresh', { token })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    const successors = new Set(answers.map(({ body }) => body['token']));
    expect(successors.size).toBe(1);
    const [successor] = successors;
    expect(successor).not.toBe(token);
    expect((await me(pods[1], String(successor))).status).toBe(200);
  });
});

describe('tokens', () => {
  it('survive a restart of every pod, and so does their end', async () => {
    const cluster = await startCluster();
    const before = await cluster.start();
    const ann = await createUser(before);
    const [token, gone] = [await tokenOf(before, ann), await tokenOf(before, ann)];
    await ask(before, 'POST', '/auth/logout', { token: gone });
    await before.stop();
    expect(await before.exited).toBe(0);
    for (const pod of await Promise.all([cluster.start(), cluster.start()])) {
      expect([(await me(pod, token)).status, (await me(pod, gone)).status]).toEqual([200, 401]);
    }
    await cluster.stop();
  });
});

function lifetimeHours({ expiresAt }: Record<string, unknown>): number {
  return (new Date(String(expiresAt)).getTime() - Date.now()) / 3_600_000;
}
