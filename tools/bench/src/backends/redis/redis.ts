import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '@mooring/services';
import { createRedisStore } from '@mooring/store-redis';
import { connectRedis, connectRedisBytes } from '../../peers/connect-redis.ts';
import { keyvRedis } from '../../peers/keyv.ts';
import { rateLimiterRedis } from '../../peers/rate-limiter-flexible.ts';
import { Ends, type BenchBackend, type OpenSettings, type Rivals, type ServerSettings } from '../backend.ts';
import { rawGetex, rawRedis } from './raw-redis.ts';
import { openRedisLine } from './redis-line.ts';
import { openRedisStock } from './redis-stock.ts';

async function openRivals(target: string, { delayMs }: OpenSettings): Promise<Rivals> {
  const ends = new Ends();
  try {
    const { url, newClient } = await openRedisLine(target, delayMs, ends);
    const store = await createRedisStore({ url, namespace: 'bench' });
    ends.add(() => store.close());
    const raw = await newClient();
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

/** A server of its own, with an append-only file when it is to be durable. */
export async function startBenchRedis({
  durable,
}: ServerSettings): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = durable ? await mkdtemp(join(tmpdir(), 'mooring-bench-redis-')) : undefined;
  const server = await startRedis(folder === undefined ? {} : { dataDir: folder });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

export const redis: BenchBackend = {
  name: 'redis',
  remote: true,
  promised: true,
  measured: ['ratios', 'load', 'sweep', 'memory'],
  start: async (settings) => {
    const { url, stop } = await startBenchRedis(settings);
    return {
      open: (one) => openRivals(url, one),
      openStock: () => openRedisStock(url),
      peerBytes: { 'connect-redis': (sessions) => connectRedisBytes(url, sessions) },
      stop,
    };
  },
};
