import { startPostgres } from '@mooring/services';
import { createFailoverStore } from '@mooring/store-failover';
import { createPostgresStore } from '@mooring/store-postgres';
import { createRedisCopies } from '@mooring/store-redis';
import type { Operation } from '../stores/contender.ts';
import { Ends, type BenchBackend, type OpenSettings, type Rivals } from './backend.ts';
import { openPostgresLine } from './postgres/postgres-line.ts';
import { rawPostgres } from './postgres/raw-postgres.ts';
import { RAW_TABLES } from './postgres/raw-tables.ts';
import { rawRedis } from './redis/raw-redis.ts';
import { openRedisLine } from './redis/redis-line.ts';
import { startBenchRedis } from './redis/redis.ts';

/** What copies answer; everything else is the authority's. */
const READS: readonly Operation[] = ['get', 'verify'];

async function openRivals(postgresUrl: string, redisUrl: string, { delayMs }: OpenSettings): Promise<Rivals> {
  const ends = new Ends();
  try {
    const database = await openPostgresLine(postgresUrl, delayMs, ends);
    const cache = await openRedisLine(redisUrl, delayMs, ends);
    const authority = await createPostgresStore({ url: database.url, namespace: 'bench' });
    const copies = await createRedisCopies({ url: cache.url, namespace: 'bench' });
    const store = await createFailoverStore({ authority, copies });
    ends.add(() => store.close());
    await database.run(RAW_TABLES);
    const statements = rawPostgres(database.newPool());
    const changes = (Object.keys(statements.operations) as Operation[]).filter((name) => !READS.includes(name));
    return {
      store,
      raw: [
        { ...statements, measured: changes },
        { ...rawRedis(await cache.newClient()), measured: READS },
      ],
      peers: [],
      tidy: () => database.run('vacuum (analyze)'),
      close: () => ends.all(),
    };
  } catch (error) {
    await ends.all();
    throw error;
  }
}

/** PostgreSQL as authority, with copies in Redis. */
export const failover: BenchBackend = {
  name: 'failover',
  remote: true,
  promised: false,
  measured: ['ratios', 'load'],
  start: async (settings) => {
    const redis = await startBenchRedis(settings);
    const postgres = await startPostgres(settings);
    return {
      open: (one) => openRivals(postgres.url, redis.url, one),
      stop: async () => {
        await postgres.stop();
        await redis.stop();
      },
    };
  },
};
