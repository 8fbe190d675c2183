import { randomBytes } from 'node:crypto';
import { AuthTokens } from '@mooring/auth-tokens';
import { startRedshiftDataLocal } from '@mooring/redshift-data-local';
import type { RedshiftDataLocal } from '@mooring/redshift-data-local';
import { testPostgres } from '@mooring/services';
import type { ServiceProcess } from '@mooring/services';
import { createPostgresStore } from '@mooring/store-postgres';
import type { PostgresStore } from '@mooring/store-postgres';
import { Client } from 'pg';
import { build, startQueryApi } from './service-process.fixture.ts';

export const TOKENS = {
  ann: 'token-of-ann-of-acme-1f3a',
  bob: 'token-of-bob-of-acme-77c0',
  cy: 'token-of-cy-of-globex-92e1',
} as const;

const STORE_TIMEOUT_MS = 120_000;
/** For a store that a spec opens itself. */
export const PATIENT = { connectionTimeoutMs: STORE_TIMEOUT_MS, statementTimeoutMs: STORE_TIMEOUT_MS };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** PostgreSQL for the sessions, and another database of it behind redshift-data-local as the warehouse. */
export interface Stack {
  readonly warehouse: RedshiftDataLocal;
  /** What is behind it. */
  readonly warehouseUrl: string;
  /** Names of their own for each stack, since database users are shared over a server. */
  readonly tenants: { readonly acme: string; readonly globex: string };
  /** What a query-api of this stack is started with. */
  readonly env: Readonly<Record<string, string>>;
  start(env?: Readonly<Record<string, string>>): Promise<ServiceProcess>;
  /** As the auth API issues tokens: over a store of its own on the same database. */
  tokens(): Promise<AuthTokens>;
  stop(): Promise<void>;
}

export async function startStack({ connectDelayMs = 0 } = {}): Promise<Stack> {
  await build();
  const postgres = await testPostgres();
  const [store, warehouseUrl] = [await postgres.createDatabase(), await postgres.createDatabase()];
  await letTenantsCreateTables(warehouseUrl);
  const warehouse = await startRedshiftDataLocal({ postgresUrl: warehouseUrl, faults: { connectDelayMs } });
  const suffix = randomBytes(4).toString('hex');
  const tenants = { acme: `acme_${suffix}`, globex: `globex_${suffix}` };
  const owners = [
    `${TOKENS.ann}=${tenants.acme}/ann`,
    `${TOKENS.bob}=${tenants.acme}/bob`,
    `${TOKENS.cy}=${tenants.globex}/cy`,
  ];
  const env = {
    DATABASE_URL: store,
    MOORING_DATABASE_POOL_SIZE: '5',
    // What is not about waiting for the store is not to fail for it.
    MOORING_STORE_TIMEOUT_SECONDS: String(STORE_TIMEOUT_MS / 1000),
    MOORING_API_TOKENS: owners.join(','),
    // Specs ask again and again without a pause.
    MOORING_RATE_LIMIT_REQUESTS: '0',
    MOORING_WAREHOUSE_CLUSTER: 'main',
    MOORING_WAREHOUSE_DATABASE: new URL(warehouseUrl).pathname.slice(1),
    MOORING_WAREHOUSE_QUOTA_PERCENT: '10000',
    AWS_ENDPOINT_URL_REDSHIFT_DATA: warehouse.url,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  const services: ServiceProcess[] = [];
  const stores: PostgresStore[] = [];
  return {
    warehouse,
    warehouseUrl,
    tenants,
    env,
    start: async (change = {}) => {
      const service = await startQueryApi({ ...env, ...change });
      services.push(service);
      return service;
    },
    tokens: async () => {
      const auth = await createPostgresStore({ url: store, namespace: 'auth', poolSize: 2, ...PATIENT });
      stores.push(auth);
      return new AuthTokens({ sessions: auth.sessions });
    },
    stop: async () => {
      await Promise.all(stores.map((auth) => auth.close()));
      // Not gently: what a spec left running would be waited for.
      for (const service of services) service.signal('SIGKILL');
      await Promise.all(services.map(({ exited }) => exited));
      await warehouse.close();
      await postgres.stop();
    },
  };
}

async function letTenantsCreateTables(url: string): Promise<void> {
  const database = new Client({ connectionString: url });
  await database.connect();
  await database.query('grant create on schema public to public');
  await database.query(`grant create on database ${new URL(url).pathname.slice(1)} to public`);
  await database.end();
}

/** A caller of one service. */
export function client({ url }: Pick<ServiceProcess, 'url'>, token: string = TOKENS.ann) {
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = (response.status === 204 ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body: answer };
  };
  /** Its state when it is over, however long that takes. */
  const ended = async (id: string): Promise<Answer> => {
    for (;;) {
      const answer = await ask('GET', `/v1/queries/${id}?waitSeconds=30`);
      if (answer.body['status'] !== 'queued' && answer.body['status'] !== 'running') return answer;
    }
  };
  return {
    ask,
    ended,
    run: (body: unknown, key?: string) =>
      ask('POST', '/v1/queries', body, key === undefined ? {} : { 'idempotency-key': key }),
    get: (path: string) => ask('GET', `/v1/queries/${path}`),
    /** Starts a slow statement and answers its state when the warehouse has it. */
    begin: async (body: { readonly sql: string }, key?: string): Promise<Record<string, unknown>> => {
      const headers = key === undefined ? {} : { 'idempotency-key': key };
      let state = (await ask('POST', '/v1/queries', { ...body, waitSeconds: 0 }, headers)).body;
      while (state['status'] === 'queued') state = (await ask('GET', `/v1/queries/${String(state['id'])}`)).body;
      return state;
    },
    cancel: (id: string) => ask('DELETE', `/v1/queries/${id}`),
    /** Asks it to stop and waits until it did. */
    stopped: async (id: string): Promise<Answer> => {
      const answer = await ask('DELETE', `/v1/queries/${id}`);
      return answer.status === 200 || answer.status === 202 ? ended(id) : answer;
    },
  };
}
