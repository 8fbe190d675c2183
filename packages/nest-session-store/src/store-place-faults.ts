import type { ConfigFault } from '@mooring/environment-config';
import { StoreError } from '@mooring/session-store';
import type { StoreErrorCode } from '@mooring/session-store';
import { openStore } from './open-store.ts';
import type { StoreLog } from './open-store.ts';
import { selectBackend } from './options.ts';
import type { BackendName, RedisPlace, SessionStoreOptions } from './options.ts';

const UNHEARD: StoreLog = { log: () => undefined, warn: () => undefined };

const VARIABLES: Readonly<Record<BackendName, string>> = {
  postgres: 'DATABASE_URL',
  redis: 'REDIS_URL',
  sqlite: 'MOORING_SQLITE_FILE',
  dynamodb: 'MOORING_DYNAMODB_TABLE',
  memory: 'MOORING_SESSION_STORE',
};

/** Where each failure of a start is mended. */
const REMEDIES: Readonly<Partial<Record<StoreErrorCode, string>>> = {
  unavailable: 'Start the server, or correct its address; look whether a network policy is in between',
  timeout: 'Look at the load of the server, and whether something drops its packets',
  misconfigured: 'Correct the user, the password or the name, or give the user the rights that the store needs',
  throttled: 'Give the server more room, or ask for less',
};

/**
 * Opens each store that the options name, and closes it again: what is in the way of a start. PostgreSQL and Redis are
 * looked at by themselves, also where Redis has but copies and is not needed for a start.
 */
export async function storePlaceFaults(options: SessionStoreOptions): Promise<ConfigFault[]> {
  const { name } = selectBackend(options);
  const backends: readonly BackendName[] = name === 'failover' ? ['postgres', 'redis'] : [name];
  const found = await Promise.all(backends.map((backend) => faultOf({ ...options, backend }, backend)));
  return found.filter((fault) => fault !== undefined);
}

async function faultOf(options: SessionStoreOptions, backend: BackendName): Promise<ConfigFault | undefined> {
  try {
    const opened = await openStore(options, UNHEARD);
    await opened.backend.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const place = placeOf(options, backend);
    return {
      variable: variableOf(options, backend),
      problem: place === undefined ? error.message : `${place}: ${error.message}`,
      remedy: REMEDIES[error.code] ?? 'Look into the log of the server',
    };
  }
}

function variableOf({ redis }: SessionStoreOptions, backend: BackendName): string {
  if (backend !== 'redis' || redis?.url !== undefined) return VARIABLES[backend];
  return redis?.cluster === undefined ? 'MOORING_REDIS_SENTINELS' : 'MOORING_REDIS_CLUSTER';
}

/** Host and port, a file or a table: nothing of a user. */
function placeOf({ database, redis, sqlite, dynamodb }: SessionStoreOptions, backend: BackendName): string | undefined {
  if (backend === 'postgres') return hostOf(database?.url);
  if (backend === 'redis') return redis === undefined ? undefined : (hostOf(redis.url) ?? nodesOf(redis));
  return backend === 'sqlite' ? sqlite?.file : dynamodb?.table;
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined || !URL.canParse(url) ? undefined : new URL(url).host;
}

function nodesOf({ cluster, sentinel }: RedisPlace): string {
  const nodes = cluster?.nodes ?? sentinel?.nodes ?? [];
  return nodes.map(({ host, port }) => (port === undefined ? host : `${host}:${port}`)).join(', ');
}
