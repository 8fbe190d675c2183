import { startPostgres } from '@mooring/services';
import { createPostgresStore } from '@mooring/store-postgres';
import { connectPgSimple, connectPgSimpleBytes } from '../../peers/connect-pg-simple.ts';
import { keyvPostgres } from '../../peers/keyv.ts';
import { rateLimiterPostgres } from '../../peers/rate-limiter-flexible.ts';
import { Ends, type BenchBackend, type OpenSettings, type Rivals } from '../backend.ts';
import { createDatabase, openPostgresLine, POOL } from './postgres-line.ts';
import { openPostgresStock } from './postgres-stock.ts';
import { plainTable, rawPostgres } from './raw-postgres.ts';
import { RAW_TABLES } from './raw-tables.ts';

async function openRivals(adminUrl: string, { delayMs }: OpenSettings): Promise<Rivals> {
  const ends = new Ends();
  try {
    const { url, newPool, run } = await openPostgresLine(adminUrl, delayMs, ends);
    const store = await createPostgresStore({ url, namespace: 'bench' });
    ends.add(() => store.close());
    await run(RAW_TABLES);
    const pool = newPool();
    return {
      store,
      raw: [rawPostgres(pool), plainTable(pool)],
      peers: [
        await connectPgSimple(newPool(), ends),
        await rateLimiterPostgres(newPool()),
        await keyvPostgres(url, POOL, ends),
      ],
      tidy: () => run('vacuum (analyze)'),
      close: () => ends.all(),
    };
  } catch (error) {
    await ends.all();
    throw error;
  }
}

export const postgres: BenchBackend = {
  name: 'postgres',
  remote: true,
  promised: true,
  measured: ['ratios', 'load', 'sweep', 'memory'],
  start: async ({ durable }) => {
    const server = await startPostgres({ durable });
    return {
      open: (settings) => openRivals(server.url, settings),
      openStock: async () => openPostgresStock(await createDatabase(server.url)),
      peerBytes: {
        'connect-pg-simple': async (sessions) => connectPgSimpleBytes(await createDatabase(server.url), sessions),
      },
      stop: () => server.stop(),
    };
  },
};
