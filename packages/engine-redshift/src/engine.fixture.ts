import { randomBytes } from 'node:crypto';
import type { EngineConnection, EnginePlace, StorageRecord } from '@mooring/engine';
import { startRedshiftDataLocal } from '@mooring/redshift-data-local';
import type { RedshiftDataLocal, RedshiftDataLocalOptions } from '@mooring/redshift-data-local';
import { AwsDataApi, CallRate, PUBLISHED_QUOTAS, createDataApiClient } from '@mooring/redshift-sessions';
import type { CallQuotas, DataApi } from '@mooring/redshift-sessions';
import { testPostgres } from '@mooring/services';
import { systemClock } from '@mooring/session-store';
import type { SessionPoolStore } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { Client } from 'pg';
import { createRedshiftEngine } from './index.ts';
import type { RedshiftEngine, RedshiftEngineOptions } from './index.ts';

export { answer, failureOf, requestOf, rowsOf } from '@mooring/engine/conformance';
export type { Answer } from '@mooring/engine/conformance';

const READY = { state: 'ready', version: 1, createdAt: 0, updatedAt: 0 } as const;

/** A warehouse on a PostgreSQL of its own, where each tenant has a database user that may read nothing of others. */
export interface World {
  readonly local: RedshiftDataLocal;
  readonly database: string;
  /** As a superuser. */
  readonly admin: Client;
  /** Of all engines that bring none of their own. */
  readonly pool: SessionPoolStore;
  readonly api: DataApi;
  /** Another process of the same deployment. */
  engine(options?: Partial<RedshiftEngineOptions>): RedshiftEngine;
  /** Database users are of the whole server: names of tenants are a world's own. */
  tenant(name: string): string;
  storageOf(tenant: string, changes?: Partial<StorageRecord>): StorageRecord;
  placeOf(tenant: string, namespace?: string, storage?: StorageRecord): EnginePlace;
  /** To a namespace that is made first. */
  connection(engine: RedshiftEngine, tenant?: string, namespace?: string): Promise<EngineConnection>;
  /** As when the service reclaims all sessions early. */
  loseSessions(): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(options: Partial<RedshiftDataLocalOptions> = {}): Promise<World> {
  const postgres = await testPostgres();
  const url = await postgres.createDatabase();
  const database = new URL(url).pathname.slice(1);
  const admin = new Client({ connectionString: url });
  await admin.connect();
  await admin.query(`GRANT CREATE ON DATABASE "${database}" TO PUBLIC`);
  const local = await startRedshiftDataLocal({ postgresUrl: url, readAllData: false, ...options });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = createDataApiClient({ endpoint: local.url, region: 'us-east-1', credentials });
  const quotas = Object.fromEntries(
    Object.keys(PUBLISHED_QUOTAS).map((operation) => [operation, 100_000]),
  ) as CallQuotas;
  const store = createMemoryStore({ namespace: 'test' });
  const api = new AwsDataApi(client, new CallRate(systemClock, 1, quotas));
  const engines: RedshiftEngine[] = [];
  const suffix = randomBytes(4).toString('hex');
  const world: World = {
    local,
    database,
    admin,
    pool: store.pool,
    api,
    engine: (changes = {}) => {
      const engine = createRedshiftEngine({
        api,
        pool: store.pool,
        storages: [{ cluster: 'main', database, db_user: 'user_{tenant}' }],
        ...changes,
        sessions: { drainMs: 50, ...changes.sessions },
      });
      engines.push(engine);
      return engine;
    },
    tenant: (name) => `${name}_${suffix}`,
    storageOf: (tenant, changes = {}) => ({
      kind: 'storage',
      tenantId: world.tenant(tenant),
      name: 'warehouse',
      type: 'redshift',
      description: '',
      options: { cluster: 'main', database, db_user: 'user_{tenant}' },
      ...READY,
      ...changes,
    }),
    placeOf: (tenant, namespace = `sales_${tenant}`, storage = world.storageOf(tenant)) => ({
      principal: { tenantId: storage.tenantId, userId: 'ann', role: 'user' },
      namespace: {
        kind: 'namespace',
        tenantId: storage.tenantId,
        name: namespace,
        storage: storage.name,
        ownerId: 'ann',
        description: '',
        ...READY,
      },
      storage,
    }),
    connection: async (engine, tenant = 'acme', namespace = `sales_${tenant}`) => {
      const place = world.placeOf(tenant, namespace);
      await engine.createNamespace(place);
      return engine.connect(place);
    },
    loseSessions: async () => {
      const sessions = await api.listSessions({ ClusterIdentifier: 'main' });
      for (const { sessionId } of sessions) local.loseSession(sessionId);
    },
    close: async () => {
      await Promise.all(engines.map((engine) => engine.close()));
      client.destroy();
      await local.close();
      await store.close();
      await admin.end();
      await postgres.stop();
    },
  };
  return world;
}

/** Looks again and again until something is so; the runner's time limit ends a vain wait. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}
