import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFaultProxy, startRedis } from '@mooring/services';
import type { FaultProxy, RedisServer } from '@mooring/services';
import type { SessionRecord } from '@mooring/session-store';
import type { RedisCopiesOptions } from '@mooring/store-redis';
import { createFailoverStore } from './index.ts';
import type { FailoverStore, FailoverStoreOptions } from './index.ts';
import { digest, newSession } from './processes.fixture.ts';
import { redisCommand } from './redis-command.fixture.ts';
import { Servers, eventually } from './servers.fixture.ts';

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};
/** Of a process whose line hangs or is slow. */
const HASTY = { commandTimeoutMs: 100, connectTimeoutMs: 500 };
const verified = { presented: digest('v1'), minIntervalMs: 60_000 };
let servers: Servers;
let namespaces = 0;

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  servers = await Servers.start();
});

afterAll(async () => {
  await servers?.stop();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

/** Processes of one namespace, each with connections of its own. */
class Application {
  private readonly namespace = `faults-${++namespaces}`;

  async start(
    redisUrl: string,
    options: Partial<FailoverStoreOptions> = {},
    limits: Partial<RedisCopiesOptions> = {},
  ): Promise<FailoverStore> {
    const { namespace } = this;
    return servers.keep(
      await createFailoverStore({
        authority: await servers.authority({ namespace }),
        copies: await servers.copies({ namespace, url: redisUrl, ...limits }),
        maxStalenessMs: 100,
        firstRetryMs: 50,
        longestRetryMs: 200,
        ...options,
      }),
    );
  }
}

async function inUse(...stores: readonly FailoverStore[]): Promise<void> {
  for (const store of stores) {
    await eventually(
      () => store.usesCopies,
      (uses) => uses,
    );
  }
}

/** A session of which there is a copy. */
async function copied(store: FailoverStore): Promise<SessionRecord> {
  const created = await store.sessions.create(newSession());
  if (!created.ok) throw new Error(created.reason);
  await inUse(store);
  for (let reading = 0; reading < 3; reading++) await store.sessions.get(created.value);
  return created.value;
}

describe('a Redis that ends and comes back', () => {
  let folder: string;
  let redis: RedisServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mooring-failover-'));
    redis = await startRedis({ dataDir: folder, settings: { appendonly: 'no' } });
  });

  afterAll(async () => {
    await redis?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('no call fails meanwhile, one warning is given, and copies are used again without a restart', async () => {
    const said: string[] = [];
    const say = (message: string): void => void said.push(message);
    const store = await new Application().start(redis.url, { log: say, warn: say });
    const session = await copied(store);
    const calls = Array.from({ length: 200 }, () => store.sessions.touch(session, verified));
    await redis.kill();
    for (const result of await Promise.all(calls)) expect(result.ok).toBe(true);
    for (let call = 0; call < 1000; call++) expect((await store.sessions.touch(session, verified)).ok).toBe(true);
    await eventually(
      () => store.sessions.touch(session, verified).then(() => store.state.mode),
      (mode) => mode === 'degraded',
    );
    await redis.restart();
    await inUse(store);
    const connected = '✓ Connected to Redis for session storage';
    expect(said).toEqual([connected, expect.stringContaining('Using database for session storage'), connected]);
    expect((await store.sessions.get(session)).ok).toBe(true);
  });

  it.each([100, 20_000])(
    'one that restarts from an old snapshot brings nothing back that was revoked since (%i ms)',
    async (maxStalenessMs) => {
      const application = new Application();
      const options = { maxStalenessMs, failuresToOpen: 1000 };
      const one = await application.start(redis.url, options);
      const sessions = [await copied(one), await copied(one)] as const;
      const other = await application.start(redis.url, options);
      await redisCommand(redis.url, 'SAVE');
      const saved = await redisCommand(redis.url, 'DBSIZE');
      await one.sessions.revoke(sessions[0], 'logout');
      await one.sessions.update(sessions[1], 1, { data: { a: 2 } });
      await redis.kill();
      await redis.restart();
      expect(await redisCommand(redis.url, 'DBSIZE')).toBe(saved);
      const late = await application.start(redis.url, options);
      const check = async (): Promise<void> => {
        for (const { sessions: store } of [one, other, late]) {
          expect(await store.get(sessions[0])).toEqual({ ok: false, reason: 'revoked' });
          expect(await store.get(sessions[1])).toMatchObject({ ok: true, value: { version: 2, data: { a: 2 } } });
        }
      };
      // Connections come back meanwhile.
      for (const until = performance.now() + 600; performance.now() < until;) await check();
      if (maxStalenessMs > 1000) return;
      await inUse(one, other, late);
      await check();
    },
  );

  it('a process that never noticed the outage does not believe what it knew before', async () => {
    const application = new Application();
    const idle = await application.start(redis.url);
    const session = await copied(idle);
    await redisCommand(redis.url, 'SAVE');
    const other = await application.start(redis.url);
    await redis.kill();
    expect((await other.sessions.revoke(session, 'logout')).ok).toBe(true);
    await redis.restart();
    expect(await idle.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
    await inUse(idle);
    expect(await idle.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
  });

  it('what is flushed is copied again', async () => {
    const store = await new Application().start(redis.url);
    const session = await copied(store);
    await redisCommand(redis.url, 'FLUSHALL');
    expect((await store.sessions.get(session)).ok).toBe(true);
    expect((await store.sessions.revoke(session, 'logout')).ok).toBe(true);
    expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
    let hits = 0;
    const counting = await new Application().start(redis.url, {
      observer: { onEvent: (event) => (hits += event === 'hit' ? 1 : 0) },
    });
    const next = await copied(counting);
    await redisCommand(redis.url, 'FLUSHALL');
    const before = hits;
    await eventually(
      () => counting.sessions.get(next).then(() => hits),
      (count) => count > before,
    );
  });
});

describe('a line between one process and Redis that breaks', () => {
  async function cutOff(
    breaking: (proxy: FaultProxy) => void,
  ): Promise<{ readonly one: FailoverStore; readonly other: FailoverStore; readonly proxy: FaultProxy }> {
    const application = new Application();
    const proxy = servers.keep(await startFaultProxy({ target: servers.redis.url }));
    const one = await application.start(proxy.url(servers.redis.url), {}, HASTY);
    const other = await application.start(servers.redis.url);
    await inUse(one, other);
    breaking(proxy);
    return { one, other, proxy };
  }

  it.each<[string, (proxy: FaultProxy) => void]>([
    ['is cut', (proxy) => proxy.cut()],
    ['hangs', (proxy) => proxy.hang()],
    ['is slower than the time limit', (proxy) => proxy.delay(400)],
  ])(
    '%s: what is revoked behind it is refused before it, from the moment it is acknowledged',
    async (_how, breaking) => {
      const { one, other, proxy } = await cutOff(breaking);
      for (let round = 0; round < 3; round++) {
        const session = await copied(other);
        let acknowledgedAt = Infinity;
        const wrong: unknown[] = [];
        const reader = async (): Promise<void> => {
          for (;;) {
            const startedAt = performance.now();
            const result = await other.sessions.touch(session, verified);
            if (result.ok && startedAt > acknowledgedAt) wrong.push(result);
            if (startedAt > acknowledgedAt) return;
          }
        };
        const readers = Promise.all(Array.from({ length: 4 }, reader));
        expect((await one.sessions.revoke(session, 'logout')).ok).toBe(true);
        acknowledgedAt = performance.now();
        await readers;
        expect(wrong).toEqual([]);
        expect(await other.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
      }
      proxy.heal();
      await inUse(one, other);
    },
  );
});

describe('closing', () => {
  it('ends while calls run and Redis hangs', async () => {
    const proxy = servers.keep(await startFaultProxy({ target: servers.redis.url }));
    const store = await new Application().start(proxy.url(servers.redis.url), {}, HASTY);
    const session = await copied(store);
    proxy.hang();
    const calls = Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0 ? store.sessions.get(session) : store.sessions.touch(session),
    );
    const closing = store.close();
    await Promise.allSettled(calls);
    await closing;
    proxy.heal();
  });
});
