import { startFaultProxy, startPostgres } from '@mooring/services';
import { createPostgresStore } from '@mooring/store-postgres';
import { Client, Pool } from 'pg';
import { connectPgSimple, connectPgSimpleBytes } from '../../peers/connect-pg-simple.ts';
import { keyvPostgres } from '../../peers/keyv.ts';
import { rateLimiterPostgres } from '../../peers/rate-limiter-flexible.ts';
import { Ends, type BenchBackend, type OpenSettings, type Rivals } from '../backend.ts';
import { openPostgresStock } from './postgres-stock.ts';
import { plainTable, rawPostgres } from './raw-postgres.ts';
import { RAW_TABLES } from './raw-tables.ts';

/** What the store's own pool has by default. */
const POOL = {
  max: 10,
  connectionTimeoutMillis: 2250,
  statement_timeout: 5000,
  idle_in_transaction_session_timeout: 5000,
  keepAlive: true,
};

let databases = 0;

async function createDatabase(adminUrl: string): Promise<string> {
  databases += 1;
  const url = new URL(adminUrl);
  url.pathname = `/bench_${databases}`;
  await onConnection(adminUrl, (client) => client.query(`create database bench_${databases}`));
  return url.href;
}

async function onConnection(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

async function openRivals(adminUrl: string, { delayMs }: OpenSettings): Promise<Rivals> {
  const ends = new Ends();
  try {
    const direct = await createDatabase(adminUrl);
    let url = direct;
    if (delayMs > 0) {
      const proxy = await startFaultProxy({ target: direct });
      ends.add(() => proxy.close());
      proxy.delay(delayMs);
      url = proxy.url(direct);
    }
    const newPool = (): Pool => {
      const pool = new Pool({ connectionString: url, ...POOL });
      pool.on('error', () => undefined);
      ends.add(() => pool.end());
      return pool;
    };
    const store = await createPostgresStore({ url, namespace: 'bench' });
    ends.add(() => store.close());
    await onConnection(direct, (client) => client.query(RAW_TABLES));
    const pool = newPool();
    return {
      store,
      raw: [rawPostgres(pool), plainTable(pool)],
      peers: [
        await connectPgSimple(newPool(), ends),
        await rateLimiterPostgres(newPool()),
        await keyvPostgres(url, POOL, ends),
      ],
      tidy: () => onConnection(direct, (client) => client.query('vacuum (analyze)')),
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
