import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';
import type { Ends } from '../backends/backend.ts';
import type { Contender } from '../stores/contender.ts';
import { expressOperations } from './express-session.ts';

const SEMANTICS = 'last write wins';

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
