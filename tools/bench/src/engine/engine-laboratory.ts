import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthTokens } from '@mooring/auth-tokens';
import { startPostgres, startService } from '@mooring/services';
import type { ServiceProcess } from '@mooring/services';
import { createPostgresStore } from '@mooring/store-postgres';
import { Ends } from '../backends/backend.ts';
import { NAMESPACE, tables } from './statements.ts';

export const TENANT = 'acme';
/** Of the configuration: it is verified without a look into the store. */
const SERVICE_TOKEN = 'token-of-a-service-of-acme-1f3a';

export interface EngineLaboratory {
  readonly api: ServiceProcess;
  /** A Fastify handler with DuckDB below it and nothing else, on the same table. */
  readonly bare: ServiceProcess;
  /** Of a service in the configuration, and of a user that logged in. */
  readonly tokens: { readonly service: string; readonly user: string };
  /** A user of a tenant, who may do all in it. */
  readonly login: (tenantId: string) => Promise<string>;
  /** Runs SQL in the query API. */
  readonly run: (token: string, body: SqlBody) => Promise<void>;
  close(): Promise<void>;
}

export interface SqlBody {
  readonly sql: string;
  readonly namespace?: string;
}

export interface LaboratoryOptions {
  /** Of the table for requests and of that for streams. */
  readonly rows: readonly [few: number, many: number];
  /** Variables of the query API beside those that it needs. */
  readonly env?: Readonly<Record<string, string>>;
}

/** PostgreSQL, the query API on an embedded database with a table of flights, and the bare handler, each a process of its own. */
export async function openEngineLaboratory({ rows, env = {} }: LaboratoryOptions): Promise<EngineLaboratory> {
  const ends = new Ends();
  try {
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'mooring-bench-'));
    ends.add(() => rm(folder, { recursive: true, force: true }));
    const postgres = await startPostgres();
    ends.add(() => postgres.stop());
    const store = await createPostgresStore({ url: postgres.url, namespace: 'auth', poolSize: 2 });
    ends.add(() => store.close());
    const api = await startService({
      script: 'apps/query-api/dist/main.js',
      env: {
        DATABASE_URL: postgres.url,
        MOORING_DATA_DIR: join(folder, 'data'),
        MOORING_LOG_LEVEL: 'error',
        MOORING_API_TOKENS: `${SERVICE_TOKEN}=${TENANT}/loader`,
        MOORING_RATE_LIMIT_REQUESTS: '0',
        MOORING_WAREHOUSE_WORKGROUP: 'none',
        AWS_ENDPOINT_URL_REDSHIFT_DATA: 'http://127.0.0.1:9',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        ...env,
      },
      readyPath: '/health/ready',
    });
    ends.add(() => api.stop());
    const bare = await startService({
      script: 'tools/bench/dist/engine/bare-main.js',
      args: [join(folder, 'bare.duckdb'), ...rows.map(String)],
      portAsArguments: (port) => [String(port)],
      readyPath: '/ready',
    });
    ends.add(() => bare.stop());
    const tokens = new AuthTokens({ sessions: store.sessions });
    const login = async (tenantId: string): Promise<string> => {
      const issued = await tokens.issue({ tenantId, subjectId: 'ann', claims: { role: 'dba' } });
      if (!issued.ok) throw new Error('a token was not issued');
      return issued.value.token;
    };
    const run = (token: string, body: SqlBody): Promise<void> => runSql(api.url, token, body);
    const user = await login(TENANT);
    await run(user, { sql: `create namespace ${NAMESPACE}` });
    for (const sql of tables(...rows)) await run(user, { sql, namespace: NAMESPACE });
    await run(user, { sql: 'grant select on flights to role service', namespace: NAMESPACE });
    return { api, bare, tokens: { service: SERVICE_TOKEN, user }, login, run, close: () => ends.all() };
  } catch (error) {
    await ends.all();
    throw error;
  }
}

async function runSql(url: string, token: string, body: SqlBody): Promise<void> {
  const answer = await fetch(`${url}/v1/sql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${body.sql}: ${text}`);
}
