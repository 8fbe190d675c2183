import { startRedshiftDataLocal } from '@mooring/redshift-data-local';
import type { RedshiftDataLocal, RedshiftDataLocalOptions } from '@mooring/redshift-data-local';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { systemClock } from '@mooring/session-store';
import type { SessionPoolStore, StoreBackend } from '@mooring/session-store';
import { createPostgresStore } from '@mooring/store-postgres';
import { AwsDataApi, createDataApiClient } from './data-api/aws-data-api.ts';
import { CallRate, PUBLISHED_QUOTAS } from './data-api/call-rate.ts';
import type { CallQuotas } from './data-api/call-rate.ts';
import type { DataApi } from './data-api/data-api.ts';
import type { WarehouseObserver } from './observer.ts';
import type { WarehouseOptions } from './options.ts';
import type { WarehouseTarget } from './target.ts';
import { Warehouse } from './warehouse.ts';

/** For a store that is not to fail where a machine stands still for seconds. */
export const PATIENT = { connectionTimeoutMs: 120_000, statementTimeoutMs: 120_000 };

export interface Counters {
  hits: number;
  misses: number;
  created: number;
  expired: number;
  /** Calls to the pool store. */
  storeCalls: number;
  warnings: string[];
}

export interface Process {
  readonly warehouse: Warehouse;
  readonly api: DataApi;
  readonly counters: Counters;
}

/** A PostgreSQL, the Data API on it, and a store; processes are instances of `Warehouse` that share these. */
export interface Bench {
  readonly local: RedshiftDataLocal;
  readonly storeUrl: string;
  readonly warehouseUrl: string;
  readonly store: StoreBackend;
  /** The warehouse's database, as the given database user. */
  target(dbUser: string): WarehouseTarget;
  process(options?: Partial<WarehouseOptions>): Process;
  stop(): Promise<void>;
}

export function unlimited(): CallQuotas {
  const quotas = Object.keys(PUBLISHED_QUOTAS).map((operation) => [operation, 100_000]);
  return Object.fromEntries(quotas);
}

export async function openBench(options: Partial<RedshiftDataLocalOptions> = {}): Promise<Bench> {
  const postgres: TestPostgres = await testPostgres();
  const storeUrl = await postgres.createDatabase();
  const warehouseUrl = await postgres.createDatabase();
  const local = await startRedshiftDataLocal({ postgresUrl: warehouseUrl, ...options });
  const store = await createPostgresStore({ url: storeUrl, namespace: 'test', ...PATIENT });
  const warehouses: Warehouse[] = [];
  const client = createDataApiClient({
    endpoint: local.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const database = new URL(warehouseUrl).pathname.slice(1);
  return {
    local,
    storeUrl,
    warehouseUrl,
    store,
    target: (dbUser) => ({ clusterIdentifier: 'main', database, dbUser }),
    process(warehouseOptions = {}) {
      const counters: Counters = { hits: 0, misses: 0, created: 0, expired: 0, storeCalls: 0, warnings: [] };
      const api = new AwsDataApi(client, new CallRate(systemClock, 1, unlimited()));
      const warehouse = new Warehouse({
        api,
        pool: counting(store.pool, counters),
        observer: observing(counters),
        options: { drainMs: 2_000, ...warehouseOptions },
      });
      warehouses.push(warehouse);
      return { warehouse, api, counters };
    },
    async stop() {
      await Promise.all(warehouses.map((warehouse) => warehouse.close()));
      client.destroy();
      await local.close();
      await store.close();
      await postgres.stop();
    },
  };
}

function observing(counters: Counters): WarehouseObserver {
  return {
    sessionHit: () => void (counters.hits += 1),
    sessionMiss: () => void (counters.misses += 1),
    sessionCreated: () => void (counters.created += 1),
    sessionExpired: () => void (counters.expired += 1),
    warning: (message) => void counters.warnings.push(message),
  };
}

function counting(pool: SessionPoolStore, counters: Counters): SessionPoolStore {
  return new Proxy(pool, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        counters.storeCalls += 1;
        return (member as (...all: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}
