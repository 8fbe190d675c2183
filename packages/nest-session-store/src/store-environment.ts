import { environment } from '@mooring/environment-config';
import type { z } from 'zod';
import type { RedisNode, SessionStoreOptions } from './options.ts';
import { BACKENDS } from './options.ts';

const { boolean, choice, integer, secret, text, url } = environment;

const HOSTS = text({
  pattern: /^[^\s,:]+(:\d{1,5})?(\s*,\s*[^\s,:]+(:\d{1,5})?)*$/,
  takes: 'hosts with ports, such as `redis-1:6379`, separated by commas',
});

/** The variables that choose a store: for a service to put beside its own. */
export const storeVariables = {
  MOORING_SESSION_STORE: choice(['auto', ...BACKENDS])
    .default('auto')
    .describe(
      'Where sessions are kept. `auto`: PostgreSQL when DATABASE_URL is set, with copies in Redis when REDIS_URL is set ' +
        'too; else Redis when REDIS_URL is set; else memory, with a warning, and not in production.',
    ),
  DATABASE_URL: secret(url(['postgres', 'postgresql']))
    .optional()
    .describe('PostgreSQL for the session store.')
    .meta({ example: 'postgres://mooring:…@db:5432/mooring' }),
  MOORING_DATABASE_POOL_SIZE: integer({ min: 1, max: 500 })
    .default(10)
    .describe('The most database connections of each store that the service opens.'),
  REDIS_URL: secret(url(['redis', 'rediss']))
    .optional()
    .describe('Redis for the session store; `rediss://` for TLS. A password without a user stands after a colon.')
    .meta({ example: 'redis://:…@redis:6379/0' }),
  REDIS_PASSWORD: secret(text()).optional().describe('Replaces the password in REDIS_URL.'),
  MOORING_REDIS_USERNAME: text().optional().describe('Replaces the user in REDIS_URL.'),
  MOORING_REDIS_TLS: boolean()
    .optional()
    .describe('TLS to Redis, also without `rediss://`. Node.js trusts further authorities by NODE_EXTRA_CA_CERTS.'),
  MOORING_REDIS_CLUSTER: HOSTS.optional().describe('Some nodes of a Redis Cluster, in place of REDIS_URL.'),
  MOORING_REDIS_SENTINELS: HOSTS.optional().describe('Sentinels, in place of REDIS_URL.'),
  MOORING_REDIS_SENTINEL_NAME: text().optional().describe('The name by which the sentinels know the master.'),
  MOORING_STORE_TIMEOUT_SECONDS: integer({ min: 1, max: 600, unit: 'seconds' })
    .optional()
    .describe(
      'The longest wait for a connection to the store and for an answer of it. Unless set: of PostgreSQL 2 and 5, of Redis ' +
        'and DynamoDB 2, of SQLite 5. Copies in Redis are waited for no longer than 250 ms.',
    ),
  MOORING_SQLITE_FILE: text().optional().describe('The file of MOORING_SESSION_STORE=sqlite.'),
  MOORING_DYNAMODB_TABLE: text().optional().describe('The table of MOORING_SESSION_STORE=dynamodb.'),
  AWS_ENDPOINT_URL_DYNAMODB: url(['http', 'https']).optional().describe('Another endpoint for DynamoDB.'),
};

/** What a schema with `storeVariables` gives. */
export type StoreVariables = {
  readonly [Name in keyof typeof storeVariables]?: z.output<(typeof storeVariables)[Name]> | undefined;
};

export interface StoreFault {
  readonly variable: keyof StoreVariables;
  readonly message: string;
}

/** What one variable asks of another: for the schema's `superRefine`. */
export function storeFaults(values: StoreVariables): StoreFault[] {
  const faults: StoreFault[] = [];
  const need = (variable: keyof StoreVariables, store: string): void => {
    if (values[variable] === undefined)
      faults.push({ variable, message: `is needed for MOORING_SESSION_STORE=${store}` });
  };
  const redis = ['REDIS_URL', 'MOORING_REDIS_CLUSTER', 'MOORING_REDIS_SENTINELS'] as const;
  const given = redis.filter((variable) => values[variable] !== undefined);
  if (values.MOORING_SESSION_STORE === 'postgres') need('DATABASE_URL', 'postgres');
  if (values.MOORING_SESSION_STORE === 'sqlite') need('MOORING_SQLITE_FILE', 'sqlite');
  if (values.MOORING_SESSION_STORE === 'dynamodb') need('MOORING_DYNAMODB_TABLE', 'dynamodb');
  if (values.MOORING_SESSION_STORE === 'redis' && given.length === 0) need('REDIS_URL', 'redis');
  for (const variable of given.slice(1)) faults.push({ variable, message: `can't be set beside ${given[0]}` });
  if (values.MOORING_REDIS_SENTINELS !== undefined && values.MOORING_REDIS_SENTINEL_NAME === undefined) {
    faults.push({ variable: 'MOORING_REDIS_SENTINEL_NAME', message: 'is needed for MOORING_REDIS_SENTINELS' });
  }
  if (values.REDIS_URL !== undefined && isUserWithoutPassword(values)) {
    faults.push({
      variable: 'REDIS_URL',
      message: 'has a user and no password; a password alone is written redis://:password@host',
    });
  }
  return faults;
}

/** The options of a store that the variables ask for; whoever opens it adds its namespace. */
export function storeOptionsOf(values: StoreVariables): Omit<SessionStoreOptions, 'namespace'> {
  const { DATABASE_URL: database, MOORING_DATABASE_POOL_SIZE: poolSize } = values;
  const redis = redisOf(values);
  const { MOORING_DYNAMODB_TABLE: table, AWS_ENDPOINT_URL_DYNAMODB: endpoint, MOORING_SQLITE_FILE: file } = values;
  const { MOORING_STORE_TIMEOUT_SECONDS: timeoutSeconds } = values;
  return {
    backend: values.MOORING_SESSION_STORE ?? 'auto',
    ...(database === undefined ? {} : { database: { url: database, ...(poolSize === undefined ? {} : { poolSize }) } }),
    ...(redis === undefined ? {} : { redis }),
    ...(timeoutSeconds === undefined ? {} : { timeoutMs: timeoutSeconds * 1000 }),
    ...(file === undefined ? {} : { sqlite: { file } }),
    ...(table === undefined ? {} : { dynamodb: { table, ...(endpoint === undefined ? {} : { endpoint }) } }),
  };
}

function redisOf(values: StoreVariables): SessionStoreOptions['redis'] | undefined {
  const { REDIS_URL: url, MOORING_REDIS_CLUSTER: cluster, MOORING_REDIS_SENTINELS: sentinels } = values;
  const { MOORING_REDIS_USERNAME: username, REDIS_PASSWORD: password, MOORING_REDIS_TLS: tls } = values;
  const name = values.MOORING_REDIS_SENTINEL_NAME ?? '';
  const place =
    cluster !== undefined
      ? { cluster: { nodes: nodesOf(cluster) } }
      : sentinels !== undefined
        ? { sentinel: { name, nodes: nodesOf(sentinels) } }
        : url !== undefined
          ? { url }
          : undefined;
  if (place === undefined) return undefined;
  return {
    ...place,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === true ? { tls } : {}),
  };
}

function nodesOf(hosts: string): RedisNode[] {
  return hosts.split(',').map((entry) => {
    const [host = '', port] = entry.trim().split(':');
    return port === undefined ? { host } : { host, port: Number(port) };
  });
}

function isUserWithoutPassword({ REDIS_URL: url = '', REDIS_PASSWORD: replaced }: StoreVariables): boolean {
  const { username, password } = new URL(url);
  return username !== '' && password === '' && replaced === undefined;
}
