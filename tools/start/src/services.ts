import { fileURLToPath } from 'node:url';
import type { PostgresServer } from '@mooring/services';
import type { StartConfig } from './config.ts';
import { STATE_DATABASE, urlOf, WAREHOUSE_DATABASE } from './databases.ts';
import { listDemoUsers } from './demo-data/demo-users.ts';
import { startService, type ServiceProcess } from './service-process.ts';
import type { StateFolder } from './state-folder.ts';

/** What every service is started with. */
export interface Place {
  readonly config: StartConfig;
  readonly folder: StateFolder;
  readonly postgres: PostgresServer;
  readonly signal: AbortSignal;
}

export const CLUSTER = 'demo';
const READY_TIMEOUT_MS = 180_000;

export function startWarehouse({ config, folder, postgres, signal }: Place): Promise<ServiceProcess> {
  return startService(
    {
      title: 'The warehouse (redshift-data-local)',
      script: scriptOf('packages/redshift-data-local/dist/cli.js'),
      args: [
        ...['--port', String(config.warehousePort)],
        ...['--postgres-url', urlOf(postgres.url, WAREHOUSE_DATABASE)],
        ...['--connect-delay-ms', String(config.connectDelayMs)],
        '--control',
        '--no-read-all-data',
      ],
      logFile: `${folder.logs}/warehouse.log`,
      readyUrl: `http://127.0.0.1:${config.warehousePort}/_local/stats`,
      readyTimeoutMs: READY_TIMEOUT_MS,
      stopTimeoutMs: 30_000,
    },
    signal,
  );
}

export function startAuthApi(place: Place): Promise<ServiceProcess> {
  return startApp(place, 'auth-api', 'The auth API', place.config.authPort, { MOORING_DEMO_USERS: listDemoUsers() });
}

export function startQueryApi(place: Place): Promise<ServiceProcess> {
  const { config, folder } = place;
  return startApp(place, 'query-api', 'The query API', config.port, {
    MOORING_DATA_DIR: folder.data,
    ...warehouseOf(config),
    ...(config.warehouse ? { MOORING_WAREHOUSE_DATABASE: WAREHOUSE_DATABASE } : {}),
  });
}

export function startCleanupWorker(place: Place): Promise<ServiceProcess> {
  return startApp(place, 'cleanup-worker', 'The cleanup worker', place.config.workerPort, warehouseOf(place.config));
}

/** One of the services, as production runs it, on the shared session store. */
function startApp(
  { folder, postgres, signal }: Place,
  name: string,
  title: string,
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  return startService(
    {
      title,
      script: scriptOf(`apps/${name}/dist/main.js`),
      env: { MOORING_PORT: String(port), DATABASE_URL: urlOf(postgres.url, STATE_DATABASE, STATE_DATABASE), ...env },
      logFile: `${folder.logs}/${name}.log`,
      readyUrl: `http://127.0.0.1:${port}/health/ready`,
      readyTimeoutMs: READY_TIMEOUT_MS,
      stopTimeoutMs: 30_000,
    },
    signal,
  );
}

function warehouseOf(config: StartConfig): Record<string, string> {
  if (!config.warehouse) return {};
  return {
    MOORING_WAREHOUSE_CLUSTER: CLUSTER,
    AWS_ENDPOINT_URL_REDSHIFT_DATA: `http://127.0.0.1:${config.warehousePort}`,
    AWS_REGION: 'us-east-1',
    // The local warehouse takes any; without them the SDK would look for real ones.
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
}

function scriptOf(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}
