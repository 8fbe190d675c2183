import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFaultProxy, startRedis } from '@mooring/services';
import type { RedisServer } from '@mooring/services';
import { StoreError } from '@mooring/session-store';
import { Redis } from 'ioredis';
import { createRedisStore } from './index.ts';
import { direct, eventually, failure, newSession, times } from './redis.fixture.ts';

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};
let server: RedisServer;

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  server = await startRedis();
});

afterAll(async () => {
  await server?.stop();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

/** For calls that are to succeed: a busy machine takes its time. */
const PATIENT = { commandTimeoutMs: 10_000, connectTimeoutMs: 10_000 };

describe('faults', () => {
  it('a server that is killed and comes back: typed errors meanwhile, then business as usual', async () => {
    const own = await startRedis();
    const store = await createRedisStore({ url: own.url, namespace: 'killed', ...PATIENT });
    await store.sessions.create(newSession());
    const rule = { limit: 1000, windowMs: 60_000 };
    const busy = times(50, () => failureOrNothing(store.limits.consume({ tenantId: 't', name: 'n' }, rule)));
    await own.kill();
    for (const error of await Promise.all(busy)) {
      if (error !== undefined)
        expect([error.code, error.retryable]).toEqual([expect.stringMatching(/unavailable|timeout/), true]);
    }
    // The client learns of the end of the connection a moment later; until then the outcome is unknown.
    const error = await eventually(
      () => failure(store.sessions.get(newSession())),
      ({ outcome }) => outcome === 'not_applied',
    );
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    await own.restart();
    const session = newSession();
    await eventually(
      () => store.sessions.create(session),
      ({ ok }) => ok,
    );
    expect((await store.sessions.get(session)).ok).toBe(true);
    await store.close();
    await own.stop();
  });

  it('a line that is cut amid an operation: unknown, and the retry with the same id counts once', async () => {
    const proxy = await startFaultProxy({ target: server.url });
    const store = await createRedisStore({ url: proxy.url(server.url), namespace: 'cut', ...PATIENT });
    const key = { tenantId: 't', name: 'n' };
    const rule = { limit: 10, windowMs: 60_000 };
    await store.limits.consume(key, rule);
    proxy.hang();
    const cut = failure(store.limits.consume(key, rule, { id: 'one' }));
    proxy.cut();
    expect(await cut).toMatchObject({ code: 'unavailable', outcome: 'unknown' });
    proxy.heal();
    const retried = await eventually(
      () => store.limits.consume(key, rule, { id: 'one' }),
      () => true,
    );
    expect(await store.limits.consume(key, rule, { id: 'one' })).toEqual(retried);
    expect((await store.limits.peek(key, rule)).remaining).toBe(8);
    await store.close();
    await proxy.close();
  });

  it('a server that hangs: a timeout with unknown outcome, in time', async () => {
    const proxy = await startFaultProxy({ target: server.url });
    const store = await createRedisStore({
      url: proxy.url(server.url),
      namespace: 'hung',
      ...PATIENT,
      commandTimeoutMs: 1000,
    });
    proxy.hang();
    const errors = await Promise.all(times(20, () => failure(store.sessions.create(newSession()))));
    for (const error of errors) expect([error.code, error.outcome]).toEqual(['timeout', 'unknown']);
    proxy.heal();
    await eventually(
      () => store.ping(),
      () => true,
    );
    await store.close();
    await proxy.close();
  });

  it('a master that becomes a replica: not applied, and work goes on when it is a master again', async () => {
    const own = await startRedis();
    const store = await createRedisStore({ url: own.url, namespace: 'demoted', ...PATIENT });
    const session = newSession();
    await store.sessions.create(session);
    await direct(own.url, (redis) => redis.replicaof('127.0.0.1', String(server.port)));
    const error = await eventually(
      () => failure(store.sessions.create(newSession())),
      ({ message }) => message.includes('replica'),
    );
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'not_applied', retryable: true });
    await direct(own.url, (redis) => redis.replicaof('NO', 'ONE'));
    await eventually(
      () => store.sessions.create(newSession()),
      ({ ok }) => ok,
    );
    await store.close();
    await own.stop();
  });

  it('no server at first: an error in time, or a store that waits for it', async () => {
    const own = await startRedis();
    const session = newSession();
    await own.kill();
    const error = await failure(createRedisStore({ url: own.url, namespace: 'late', connectTimeoutMs: 1000 }));
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'not_applied' });
    const store = await createRedisStore({ url: own.url, namespace: 'late', requireConnection: false, ...PATIENT });
    expect(await failure(store.sessions.get(session))).toMatchObject({ code: 'unavailable', outcome: 'not_applied' });
    await own.restart();
    await eventually(
      () => store.sessions.create(session),
      ({ ok }) => ok,
    );
    await store.close();
    await own.stop();
  });

  it('a wrong password is a misconfiguration, and in no error', async () => {
    const own = await startRedis();
    await direct(own.url, (redis) => redis.config('SET', 'requirepass', 'hunter2'));
    const error = await failure(createRedisStore({ url: own.url, password: 'letmein', namespace: 'n', ...PATIENT }));
    expect([error.code, error.retryable]).toEqual(['misconfigured', false]);
    expect(`${error.message}${error.stack ?? ''}${String(error.cause)}`).not.toMatch(/letmein|hunter2/);
    await own.stop();
  });

  it('S-17: a record that is damaged is corrupt, not missing', async () => {
    const store = await createRedisStore({ url: server.url, namespace: 'damaged' });
    const session = newSession({ data: { secret: 'canary' } });
    await store.sessions.create(session);
    await direct(server.url, async (redis) => {
      const [key = ''] = await redis.keys('damaged:*:sessions');
      await redis.hset(key, session.id, 'canary');
    });
    const error = await failure(store.sessions.get(session));
    expect(error).toMatchObject({ code: 'corrupt', retryable: false });
    expect(`${error.message}${error.stack ?? ''}${String(error.cause)}`).not.toContain('canary');
    await store.close();
  });

  it('a client that was passed in stays open, and its closing is survived', async () => {
    const client = new Redis(server.url);
    const store = await createRedisStore({ client, namespace: 'given' });
    await store.close();
    await store.close();
    expect(await client.ping()).toBe('PONG');
    const other = await createRedisStore({ client, namespace: 'given' });
    client.disconnect();
    expect(await failure(other.ping())).toBeInstanceOf(StoreError);
  });
});

async function failureOrNothing(call: Promise<unknown>): Promise<StoreError | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => error as StoreError,
  );
}
