import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, startService, type ServiceProcess } from '@mooring/services';
import { Client } from 'pg';
import { Ends } from '../backends/backend.ts';
import { startEmulatorProcess } from '../session-reuse/emulator-process.ts';

export const PASSWORD = 'a-password-that-is-right';
const DATABASE = 'dev';
const CONNECT_DELAY_MS = 250;

export interface ApiLaboratory {
  readonly auth: ServiceProcess;
  readonly query: ServiceProcess;
  /** Handlers that call the same and add nothing. */
  readonly bare: ServiceProcess;
  readonly usernames: readonly string[];
  close(): Promise<void>;
}

/** PostgreSQL, a warehouse, both APIs and the bare handlers, each a process of its own. */
export async function openApiLaboratory(users: number, warehouseSessions: number): Promise<ApiLaboratory> {
  const ends = new Ends();
  try {
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'mooring-bench-'));
    ends.add(() => rm(folder, { recursive: true, force: true }));
    const postgres = await startPostgres();
    ends.add(() => postgres.stop());
    const emulator = await startEmulatorProcess(await createDatabase(postgres.url), CONNECT_DELAY_MS);
    ends.add(() => emulator.close());
    const usernames = Array.from({ length: users }, (_, index) => `user-${index}`);
    const common = { DATABASE_URL: postgres.url, MOORING_LOG_LEVEL: 'error' };
    const auth = await startService({
      script: 'apps/auth-api/dist/main.js',
      env: {
        ...common,
        MOORING_DEMO_USERS: usernames.map((name) => `${name}:${PASSWORD}@acme/dba`).join(','),
        MOORING_RATE_LIMIT_LOGINS: '0',
        MOORING_RATE_LIMIT_REQUESTS: '0',
      },
      readyPath: '/health/ready',
    });
    ends.add(() => auth.stop());
    const query = await startService({
      script: 'apps/query-api/dist/main.js',
      env: {
        ...common,
        MOORING_DATA_DIR: join(folder, 'data'),
        MOORING_RATE_LIMIT_REQUESTS: '0',
        MOORING_WAREHOUSE_CLUSTER: 'main',
        MOORING_WAREHOUSE_DATABASE: DATABASE,
        MOORING_WAREHOUSE_QUOTA_PERCENT: '10000',
        MOORING_POOL_MAX_PER_TENANT: String(warehouseSessions),
        AWS_ENDPOINT_URL_REDSHIFT_DATA: emulator.endpoint,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
      },
      readyPath: '/health/ready',
    });
    ends.add(() => query.stop());
    const bare = await startService({
      script: 'tools/bench/dist/api/bare-main.js',
      args: [postgres.url, emulator.endpoint, DATABASE, String(warehouseSessions)],
      portAsArguments: (port) => [String(port)],
      readyPath: '/ready',
    });
    ends.add(() => bare.stop());
    return { auth, query, bare, usernames, close: () => ends.all() };
  } catch (error) {
    await ends.all();
    throw error;
  }
}

async function createDatabase(adminUrl: string): Promise<string> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`create database ${DATABASE}`);
  await client.end();
  return Object.assign(new URL(adminUrl), { pathname: `/${DATABASE}` }).href;
}
