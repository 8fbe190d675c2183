import {
  AwsDataApi,
  CallRate,
  PUBLISHED_QUOTAS,
  Warehouse,
  type CallQuotas,
  type WarehouseTarget,
} from '@mooring/redshift-sessions';
import { startPostgres } from '@mooring/services';
import { systemClock } from '@mooring/session-store';
import { createPostgresStore } from '@mooring/store-postgres';
import { Client } from 'pg';
import { Ends } from '../backends/backend.ts';
import { CountingPool } from './counting-pool.ts';
import { SessionCounts } from './session-counts.ts';
import { TimedClient } from './timed-client.ts';

export interface RunningEmulator {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts redshift-data-local on a database. */
export type StartEmulator = (postgresUrl: string, connectDelayMs: number) => Promise<RunningEmulator>;

/** Everything that a statement passes through, real and on this machine. */
export interface Laboratory {
  readonly target: WarehouseTarget;
  readonly warehouse: Warehouse;
  /** What the pool reports. */
  readonly counts: SessionCounts;
  /** The pool's store. */
  readonly store: CountingPool;
  /** The client below the warehouse. */
  readonly client: TimedClient;
  /** Another, of the same make, for bare calls. */
  readonly bare: TimedClient;
  close(): Promise<void>;
}

const DATABASE = 'dev';
const USER = 'bench';
const QUOTA = 1_000_000;

export async function openLaboratory(startEmulator: StartEmulator, connectDelayMs: number): Promise<Laboratory> {
  const ends = new Ends();
  try {
    const postgres = await startPostgres();
    ends.add(() => postgres.stop());
    await prepareWarehouse(postgres.url);
    const emulator = await startEmulator(databaseUrl(postgres.url, DATABASE), connectDelayMs);
    ends.add(() => emulator.close());

    const counting = new CountingPool(postgres.url);
    ends.add(() => counting.close());
    const store = await createPostgresStore({ pool: counting.pool, namespace: 'bench' });
    ends.add(() => store.close());

    const client = new TimedClient(emulator.endpoint);
    const bare = new TimedClient(emulator.endpoint);
    ends.add(() => {
      client.close();
      bare.close();
    });
    const counts = new SessionCounts();
    const quotas = Object.fromEntries(Object.keys(PUBLISHED_QUOTAS).map((name) => [name, QUOTA])) as CallQuotas;
    const warehouse = new Warehouse({
      api: new AwsDataApi(client.client, new CallRate(systemClock, 1, quotas)),
      pool: store.pool,
      observer: counts,
    });
    ends.add(() => warehouse.close());
    const target = { clusterIdentifier: 'bench', database: DATABASE, dbUser: USER };
    return { target, warehouse, counts, store: counting, client, bare, close: () => ends.all() };
  } catch (error) {
    await ends.all();
    throw error;
  }
}

async function prepareWarehouse(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}
