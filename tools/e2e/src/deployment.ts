import { randomBytes } from 'node:crypto';
import { startRedshiftDataLocal } from '@mooring/redshift-data-local';
import type { RedshiftDataLocal } from '@mooring/redshift-data-local';
import { buildProjects, startPostgres, startRedis, testPostgres } from '@mooring/services';
import type { PostgresServer, RedisServer, ServiceProcess } from '@mooring/services';
import { Client } from 'pg';
import type { Environment, Fleet } from './fleet.ts';
import { podsAt } from './pods.ts';
import type { PodOptions } from './pods.ts';

export type Store = 'postgres' | 'redis' | 'failover';

export interface DeploymentOptions extends PodOptions {
  readonly store: Store;
  /** A PostgreSQL of its own, that can be stopped. */
  readonly ownPostgres?: boolean;
  readonly redisPassword?: string;
}

/** Two auth pods and two query pods, each pair behind a client that takes turns; the warehouse is a PostgreSQL. */
export interface Deployment {
  readonly auth: Fleet;
  readonly query: Fleet;
  /** Without pods, until a test starts some. */
  readonly worker: Fleet;
  readonly databaseUrl: string;
  /** What a further pod needs to share the store. */
  readonly storeEnv: Environment;
  readonly redis: RedisServer;
  readonly postgres: PostgresServer | undefined;
  readonly warehouse: RedshiftDataLocal;
  /** As the warehouse knows it. */
  readonly warehouseDatabase: string;
  /** Names of their own, since database users are shared over a server. */
  readonly tenants: { readonly acme: string; readonly globex: string };
  readonly pods: () => readonly ServiceProcess[];
  stop(): Promise<void>;
}

/** What is not about waiting for the store is not to fail for it. */
const PATIENT = { MOORING_STORE_TIMEOUT_SECONDS: '120' };

export async function startDeployment(options: DeploymentOptions): Promise<Deployment> {
  await buildProjects('apps/auth-api', 'apps/query-api', 'apps/cleanup-worker');
  const shared = await testPostgres();
  const postgres = options.ownPostgres === true ? await startPostgres({ durable: true }) : undefined;
  const databaseUrl = postgres === undefined ? await shared.createDatabase() : postgres.url;
  const warehouseUrl = await shared.createDatabase();
  const warehouseDatabase = new URL(warehouseUrl).pathname.slice(1);
  await letTenantsCreateSchemas(warehouseUrl);
  // Copies outlive a crash, so that what was revoked meanwhile could come back.
  const { redisPassword: password = '' } = options;
  const redis = await startRedis({ password, settings: { appendonly: 'yes' } });
  const warehouse = await startRedshiftDataLocal({ postgresUrl: warehouseUrl });
  const suffix = randomBytes(4).toString('hex');
  const storeEnv = {
    ...(options.store === 'redis' ? { MOORING_SESSION_STORE: 'redis' } : { DATABASE_URL: databaseUrl }),
    ...(options.store === 'postgres' ? {} : { REDIS_URL: redis.url }),
  };
  const places = { databaseUrl, storeEnv, warehouseUrl: warehouse.url, warehouseDatabase };
  const { auth, query, worker } = podsAt(places, {
    ...options,
    env: { ...PATIENT, ...options.env },
    workerEnv: { ...PATIENT, ...options.workerEnv },
  });
  await Promise.all([auth.start(2), query.start(2)]);
  return {
    auth,
    query,
    worker,
    databaseUrl,
    storeEnv,
    redis,
    postgres,
    warehouse,
    warehouseDatabase,
    tenants: { acme: `acme_${suffix}`, globex: `globex_${suffix}` },
    pods: () => [...auth.pods, ...query.pods],
    stop: async () => {
      await Promise.all([auth.stop(), query.stop(), worker.stop()]);
      await warehouse.close();
      await Promise.all([redis.stop(), shared.stop(), postgres?.stop()]);
    },
  };
}

/** Lets the users that statements run as create schemas and tables in the warehouse. */
export async function letTenantsCreateSchemas(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`grant create on database ${client.database} to public`);
  await client.end();
}

/** Every row of every table, as text. */
export async function dumpDatabase(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const tables = await client.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  let text = '';
  for (const { name } of tables.rows) {
    const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
    text += rows.map(({ row }) => `${name} ${row}\n`).join('');
  }
  await client.end();
  return text;
}
