import { startFaultProxy } from '@mooring/services';
import { Redis } from 'ioredis';
import type { Ends } from '../backend.ts';

/** What the store's own connection has by default. */
const CONNECTION = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 2000,
  connectTimeout: 2000,
};

/** A way to a server that was emptied. */
export interface RedisLine {
  /** With the delay, if there is one. */
  readonly url: string;
  readonly newClient: () => Promise<Redis>;
}

export async function openRedisLine(target: string, delayMs: number, ends: Ends): Promise<RedisLine> {
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
  const client = await newClient();
  await client.flushall();
  return { url, newClient };
}
