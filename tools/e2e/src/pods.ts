import { Fleet } from './fleet.ts';
import type { Environment } from './fleet.ts';

/** The administrator of everything. */
export const ROOT = { username: 'root', password: 'anchors aweigh, my boys', tenantId: 'harbour' };

/** What is behind the services. */
export interface Places {
  /** Of the users. */
  readonly databaseUrl: string;
  /** What says where the session store is. */
  readonly storeEnv: Environment;
  readonly warehouseUrl: string;
  /** As the warehouse knows it. */
  readonly warehouseDatabase: string;
}

export interface PodOptions {
  /** What every pod is started with besides. */
  readonly env?: Environment;
  /** What query pods are started with besides. */
  readonly queryEnv?: Environment;
  /** What cleanup workers are started with besides. */
  readonly workerEnv?: Environment;
}

export interface Pods {
  readonly auth: Fleet;
  readonly query: Fleet;
  readonly worker: Fleet;
}

/** A fleet of each service on the same places, none of them started. */
export function podsAt(places: Places, { env, queryEnv, workerEnv }: PodOptions): Pods {
  const { databaseUrl, storeEnv, warehouseUrl, warehouseDatabase } = places;
  const every = { MOORING_DATABASE_POOL_SIZE: '5', MOORING_LOG_LEVEL: 'trace', ...storeEnv, ...env };
  return {
    auth: new Fleet('apps/auth-api/dist/main.js', {
      DATABASE_URL: databaseUrl,
      MOORING_TRUST_PROXY: '127.0.0.1',
      MOORING_FIRST_ADMIN: `${ROOT.tenantId}/${ROOT.username}:${ROOT.password}`,
      MOORING_RATE_LIMIT_LOGINS: '0',
      // Hashes that cost next to nothing.
      MOORING_PASSWORD_MEMORY_KIB: '256',
      MOORING_PASSWORD_PASSES: '1',
      ...every,
    }),
    query: new Fleet('apps/query-api/dist/main.js', {
      MOORING_WAREHOUSE_CLUSTER: 'main',
      MOORING_WAREHOUSE_DATABASE: warehouseDatabase,
      MOORING_WAREHOUSE_QUOTA_PERCENT: '10000',
      AWS_ENDPOINT_URL_REDSHIFT_DATA: warehouseUrl,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      ...every,
      ...queryEnv,
    }),
    worker: new Fleet('apps/cleanup-worker/dist/main.js', {
      MOORING_LOG_LEVEL: 'trace',
      MOORING_SCHEDULE_JITTER_SECONDS: '0',
      ...storeEnv,
      ...workerEnv,
    }),
  };
}
