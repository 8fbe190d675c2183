import { createRedisStore } from '@mooring/store-redis';
import { Redis } from 'ioredis';
import { createEach, ShiftedClock, type Stock } from '../../stock/stock.ts';
import { Ends } from '../backend.ts';

const NAMESPACE = 'bench';
/** Filling in sends hundreds at once, which a busy machine takes its time for. */
const PATIENCE_MS = 60_000;

async function usedMemory(client: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
}

export async function openRedisStock(url: string): Promise<Stock> {
  const ends = new Ends();
  try {
    const client = new Redis(url);
    ends.add(() => client.disconnect());
    await client.flushall();
    const clock = new ShiftedClock();
    const store = await createRedisStore({ url, namespace: NAMESPACE, clock, commandTimeoutMs: PATIENCE_MS });
    ends.add(() => store.close());
    const before = await usedMemory(client);
    return {
      store,
      clock,
      fill: (visitors) => createEach(store, visitors),
      bytes: async () => (await usedMemory(client)) - before,
      tidy: async () => undefined,
      close: () => ends.all(),
    };
  } catch (error) {
    await ends.all();
    throw error;
  }
}
