import { startFaultProxy } from '@mooring/services';
import { Client, Pool } from 'pg';
import type { Ends } from '../backend.ts';

/** What the store's own pool has by default. */
export const POOL = {
  max: 10,
  connectionTimeoutMillis: 2250,
  statement_timeout: 5000,
  idle_in_transaction_session_timeout: 5000,
  keepAlive: true,
};

/** A way to an empty database. */
export interface PostgresLine {
  /** With the delay, if there is one. */
  readonly url: string;
  readonly newPool: () => Pool;
  /** Without the delay, on a connection of its own. */
  readonly run: (text: string) => Promise<void>;
}

let databases = 0;

async function onConnection(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

export async function createDatabase(adminUrl: string): Promise<string> {
  databases += 1;
  const name = `bench_${databases}`;
  await onConnection(adminUrl, `create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function openPostgresLine(adminUrl: string, delayMs: number, ends: Ends): Promise<PostgresLine> {
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
  return { url, newPool, run: (text) => onConnection(direct, text) };
}
