import type { ConformanceHarness, HarnessPowers } from '@mooring/session-store-testkit';
import { startFaultProxy } from '@mooring/services';
import { Redis } from 'ioredis';
import { createRedisStore } from './index.ts';
import { escaped } from './keys.ts';
import { direct, valueOf } from './redis.fixture.ts';

async function keysOf(redis: Redis, namespace: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const some of redis.scanStream({ match: `${escaped(namespace)}:*`, count: 1000 })) {
    keys.push(...(some as string[]));
  }
  return keys.sort();
}

/** Every key of the namespace with its value, on any of the servers. */
async function dump(urls: readonly string[], namespace: string): Promise<string> {
  const parts = await Promise.all(
    urls.map((url) =>
      direct(url, async (redis) => {
        const texts: string[] = [];
        for (const key of await keysOf(redis, namespace)) texts.push(key, await valueOf(redis, key));
        return texts;
      }),
    ),
  );
  return parts.flat().join('\n');
}

/** How many members a key has. */
async function membersOf(redis: Redis, key: string): Promise<number> {
  switch (await redis.type(key)) {
    case 'hash':
      return redis.hlen(key);
    case 'zset':
      return redis.zcard(key);
    case 'list':
      return redis.llen(key);
    default:
      return redis.exists(key);
  }
}

async function size(urls: readonly string[], namespace: string, laterMs: number): Promise<number> {
  const sizes = await Promise.all(
    urls.map((url) =>
      direct(url, async (redis) => {
        let members = 0;
        for (const key of await keysOf(redis, namespace)) {
          const expiresInMs = await redis.pttl(key);
          if (expiresInMs < 0 || expiresInMs > laterMs) members += await membersOf(redis, key);
        }
        return members;
      }),
    ),
  );
  return sizes.reduce((sum, one) => sum + one, 0);
}

/** What the kit gets of one server, or of all servers of a cluster. */
export function rawAccess(urls: () => readonly string[]): NonNullable<HarnessPowers['raw']> {
  const onKeys = async (
    namespace: string,
    ending: string,
    work: (redis: Redis, key: string) => Promise<unknown>,
  ): Promise<void> => {
    for (const url of urls()) {
      await direct(url, async (redis) => {
        const keys = await keysOf(redis, namespace);
        for (const key of keys.filter((each) => each.endsWith(ending))) await work(redis, key);
      });
    }
  };
  return {
    dump: (namespace) => dump(urls(), namespace),
    size: (namespace, laterMs) => size(urls(), namespace, laterMs),
    damageSession: (namespace, { id }) =>
      onKeys(namespace, ':sessions', async (redis, key) => {
        if ((await redis.hexists(key, id)) === 1) await redis.hset(key, id, 'damaged');
      }),
    dropIndexEntry: (namespace, { id }) =>
      onKeys(namespace, ':index', async (redis, key) => {
        const members = await redis.zrange(key, 0, -1);
        for (const member of members.filter((each) => each.endsWith(id))) await redis.zrem(key, member);
      }),
  };
}

export const capabilities = {
  clock: 'server',
  expiryResolutionMs: 1,
  listConsistency: 'strong',
  durable: false,
  shared: true,
  maxDataBytes: 262_144,
} as const;

/** On a server that is there when the tests run. */
export function redisHarness(url: () => string): ConformanceHarness {
  return {
    name: 'redis',
    patienceMs: 60_000,
    capabilities,
    open: (options) => createRedisStore({ url: url(), ...options }),
    raw: rawAccess(() => [url()]),
    wire: {
      async open(options) {
        const client = new Redis(url(), { lazyConnect: true, maxRetriesPerRequest: 0 });
        await client.connect();
        let sent = 0;
        const send = client.sendCommand.bind(client);
        client.sendCommand = (...args) => {
          sent += 1;
          return send(...args);
        };
        const store = await createRedisStore({ client, ...options });
        const close = store.close.bind(store);
        store.close = async () => {
          await close();
          client.disconnect();
        };
        return { store, sent: () => sent };
      },
      exceptions: { 'sweep of sessions': 'asks which tenants are due, then each of their partitions' },
    },
    async faults() {
      const proxy = await startFaultProxy({ target: url() });
      return {
        open: (options) =>
          createRedisStore({ url: proxy.url(url()), commandTimeoutMs: 1000, connectTimeoutMs: 5000, ...options }),
        cut: () => proxy.cut(),
        hang: () => proxy.hang(),
        delay: (ms) => proxy.delay(ms),
        heal: () => proxy.heal(),
        connections: () => proxy.connections,
        close: () => proxy.close(),
      };
    },
    pristine: { reason: 'there is nothing to create before its first use' },
    logs: { reason: 'it writes no log' },
  };
}
