import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { dumpDatabase, startDeployment } from './deployment.ts';
import type { Deployment } from './deployment.ts';
import type { Answer } from './fleet.ts';
import { ROOT } from './pods.ts';
import { createUser, login, tokenOf } from './users.ts';

const canary = (what: string): string => `canary-${what}-${randomBytes(6).toString('hex')}`;

const API_TOKEN = canary('api-token');
const REDIS_PASSWORD = canary('redis-password');
const AWS_SECRET = canary('aws-secret');

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({
    store: 'failover',
    env: { MOORING_RATE_LIMIT_REQUESTS: '30' },
    queryEnv: { MOORING_API_TOKENS: `${API_TOKEN}=acme/service`, AWS_SECRET_ACCESS_KEY: AWS_SECRET },
    redisPassword: REDIS_PASSWORD,
  });
  await deployment.worker.start(1);
}, 300_000);
afterAll(() => deployment.stop());

/** The secret part of a token, and what is stored of it. */
function partsOf(token: string): { readonly verifier: string; readonly digest: string } {
  const verifier = token.split('.')[2]?.slice(0, 43) ?? '';
  return { verifier, digest: createHash('sha256').update(verifier).digest('base64url') };
}

it('no token, verifier, password or value leaves a run with everything that goes well and badly, but to whom it is due', async () => {
  const { auth, query, worker, redis } = deployment;
  const refusals: string[] = [];
  const note = (answers: Answer | readonly Answer[]): void => {
    for (const { status, body } of [answers].flat() as readonly Answer[]) {
      // The path and the id of a request are its own.
      const { instance: _, requestId: __, ...said } = body;
      if (status >= 400) refusals.push(JSON.stringify(said));
    }
  };
  const user = await createUser(deployment, 'dba');
  const [root, first] = [await tokenOf(deployment, ROOT), await tokenOf(deployment, user)];
  const second = String((await auth.ask('POST', '/auth/refresh', { token: first })).body['token']);
  const third = await tokenOf(deployment, user);
  const tokens = [root, first, second, third];
  const wrong = canary('wrong-password');
  const [value, literal] = [canary('parameter'), canary('literal')];

  const statements = [
    { sql: 'select :value as seen', parameters: { value } },
    { sql: `select '${literal}' as seen` },
    { sql: `select '${literal}' from nowhere` },
    { sql: 'select cast(:value as int)', parameters: { value } },
    { sql: `select '${literal}`, parameters: { value } },
  ];
  for (const body of statements) note(await query.askEach('POST', '/v1/queries', { token: third, body }));
  note(await query.askEach('POST', '/v1/queries', { token: API_TOKEN, body: { sql: 'select 1', nonsense: value } }));
  for (const token of [...tokens, `${third}x`, `${API_TOKEN}x`]) {
    // A service knows by sight only tokens of users, and those of services that it is configured with.
    const misplaced = token.startsWith('mrg_') ? { cookie: token, 'x-request-id': token } : { cookie: token };
    note(await auth.askEach('GET', '/auth/me', { token }));
    note(await auth.askEach('GET', `/auth/sessions/${token}?token=${token}`, { headers: misplaced }));
    note(await query.askEach('GET', `/v1/queries/${token}?token=${token}`, { token, headers: misplaced }));
    note(await worker.ask('POST', `/tasks/sessions/run?token=${token}`, { token, body: {}, headers: misplaced }));
  }
  for (let failure = 0; failure < 6; failure++)
    note(await login(deployment, { ...user, password: wrong }, '203.0.113.9'));
  note(await auth.ask('POST', '/auth/login', { body: `{"username":"x","password":"${wrong}` }));
  await redis.kill();
  for (const token of tokens) {
    note(await auth.askEach('GET', '/auth/me', { token }));
    note(await query.askEach('GET', '/v1/queries?limit=1', { token }));
  }
  await redis.restart();
  note(await login(deployment, user));
  const metrics = [...(await auth.metrics()), ...(await query.metrics()), ...(await worker.metrics())];

  const stored = await dumpDatabase(deployment.databaseUrl);
  const copied = await dumpRedis(redis.url);
  const fingerprint = partsOf(third).digest;
  expect(stored).toContain(fingerprint);
  expect(copied).toContain(fingerprint);
  expect(refusals.length).toBeGreaterThan(40);
  expect(metrics.join()).toContain('mooring_store_degraded');
  const [log, workerLog] = [auth.log() + query.log(), worker.log()];
  expect(log).toContain('"type":"login_locked"');

  const verifiers = tokens.map((token) => partsOf(token).verifier);
  const digests = tokens.map((token) => partsOf(token).digest);
  const credentials = [API_TOKEN, REDIS_PASSWORD, AWS_SECRET, ROOT.password, user.password, wrong];
  const everywhere = [...tokens, ...verifiers, ...credentials];
  const places: readonly (readonly [string, string, readonly string[]])[] = [
    ['logs', log, [...everywhere, ...digests, value, literal, user.username, '$argon2id']],
    ["the worker's log", workerLog, [...everywhere, ...digests]],
    ['metrics', metrics.join('\n'), [...everywhere, ...digests, value, literal, user.username]],
    // The warehouse's own words to the caller may have values of the caller's statement.
    ['refusals', refusals.join('\n'), [...everywhere, ...digests]],
    ['PostgreSQL', stored, everywhere],
    ['Redis', copied, [...everywhere, value, literal]],
  ];
  for (const [place, text, secrets] of places) {
    for (const secret of secrets) expect([place, secret, text.includes(secret)]).toEqual([place, secret, false]);
  }
});

/** Every key with what it holds. */
async function dumpRedis(url: string): Promise<string> {
  const client = new Redis(url);
  let text = '';
  for await (const keys of client.scanStream() as AsyncIterable<string[]>) {
    for (const key of keys) {
      const kind = await client.type(key);
      const held =
        kind === 'hash'
          ? await client.hgetall(key)
          : kind === 'zset'
            ? await client.zrange(key, 0, -1)
            : kind === 'set'
              ? await client.smembers(key)
              : await client.get(key);
      text += `${key} ${JSON.stringify(held)}\n`;
    }
  }
  client.disconnect();
  return text;
}
