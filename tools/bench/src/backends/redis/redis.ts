import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFaultProxy, startRedis } from '@mooring/services';
import { createRedisStore } from '@mooring/store-redis';
import { Redis } from 'ioredis';
import { connectRedis, connectRedisBytes } from '../../peers/connect-redis.ts';
import { keyvRedis } from '../../peers/keyv.ts';
import { rateLimiterRedis } from '../../peers/rate-limiter-flexible.ts';
import { Ends, type BenchBackend, type OpenSettings, type Rivals } from '../backend.ts';
import { openRedisStock } from './redis-stock.ts';
import { rawGetex, rawRedis } from './raw-redis.ts';

/** What the store's own connection has by default. */
const CONNECTION = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 2000,
  connectTimeout: 2000,
};

async function openRivals(target: string, { delayMs }: OpenSettings): Promise<Rivals> {
  const ends = new Ends();
  try {
    let url = target;
    if (delayMs > 0) {
      const proxy = await startFaultProxy({ target });
      ends.add(() => proxy.close());
      proxy.delay(delayMs);
      url = proxy.url(target);
    }
    const newClient = async (): Promise<Redis> => {
      const client = new Redis(url, CONNECTION);
      client.on('error', () => undefined);
      await client.connect();
      ends.add(() => client.disconnect());
      return client;
    };
    const raw = await newClient();
    await raw.flushall();
    const store = await createRedisStore({ url, namespace: 'bench' });
    ends.add(() => store.close());
    return {
      store,
      raw: [rawRedis(raw), rawGetex(raw)],
      peers: [await connectRedis(url, ends), rateLimiterRedis(await newClient()), await keyvRedis(url, ends)],
      tidy: async () => undefined,
      close: () => ends.all(),
    };
  } catch (error) {
    await ends.all();
    throw error;
  }
}

export const redis: BenchBackend = {
  name: 'redis',
  remote: true,
  start: async ({ durable }) => {
    const folder = durable ? await mkdtemp(join(tmpdir(), 'mooring-bench-redis-')) : undefined;
    const server = await startRedis(folder === undefined ? {} : { dataDir: folder });
    return {
      open: (settings) => openRivals(server.url, settings),
      openStock: () => openRedisStock(server.url),
      peerBytes: { 'connect-redis': (sessions) => connectRedisBytes(server.url, sessions) },
      stop: async () => {
        await server.stop();
        if (folder !== undefined) await rm(folder, { recursive: true, force: true });
      },
    };
  },
};
