import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';
import { Ends } from '../backends/backend.ts';
import type { Contender } from '../stores/contender.ts';
import { inParallel } from '../stores/parallel.ts';
import { newSubject, newVisitor } from '../stores/visitors.ts';
import { expressOperations } from './express-session.ts';

const SEMANTICS = 'last write wins';

/** Bytes that so many of its sessions take, of a server with nothing else in it. */
export async function connectRedisBytes(url: string, sessions: number): Promise<number> {
  const ends = new Ends();
  const client = createClient({ url });
  await client.connect();
  ends.add(() => client.destroy());
  const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  try {
    const { operations } = await connectRedis(url, ends);
    await client.flushAll();
    const before = await used();
    await inParallel(sessions, () => operations.create?.(newVisitor(newSubject())), 500);
    return (await used()) - before;
  } finally {
    await ends.all();
  }
}

/** The express-session store on Redis, with the driver that it wants: node-redis. */
export async function connectRedis(url: string, ends: Ends): Promise<Contender> {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', () => undefined);
  await client.connect();
  ends.add(() => client.destroy());
  return {
    name: 'connect-redis',
    how: {
      get: `GET (${SEMANTICS})`,
      touch: `GET, then EXPIRE (${SEMANTICS})`,
      create: `SET EX (${SEMANTICS})`,
      update: `SET EX (${SEMANTICS})`,
      revoke: 'DEL (no tombstone)',
    },
    operations: expressOperations(new RedisStore({ client })),
  };
}
