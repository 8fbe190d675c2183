import { join } from 'node:path';
import { startDynamo, startRedis } from '@mooring/services';
import type { Environment } from '@mooring/e2e';
import { createTable } from '@mooring/store-dynamodb';
import type { Backend } from '../backends.ts';
import type { StartedParts } from './started-parts.ts';

/** A server that a drill can end and start again. */
export interface Breakable {
  readonly url: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface StorePlace {
  /** By name; besides PostgreSQL, which every site has. */
  readonly servers: Readonly<Partial<Record<'redis' | 'dynamodb', Breakable>>>;
  /** What tells a service of the store, given where its servers are reached. */
  env(through: (url: string) => string, databaseUrl: string): Environment;
}

const TABLE = 'drills';

/** Starts what a backend needs besides PostgreSQL. */
export async function startStorePlace(backend: Backend, folder: string, parts: StartedParts): Promise<StorePlace> {
  switch (backend) {
    case 'postgres':
      return { servers: {}, env: (_through, databaseUrl) => ({ DATABASE_URL: databaseUrl }) };
    case 'sqlite':
      return {
        servers: {},
        env: () => ({ MOORING_SESSION_STORE: 'sqlite', MOORING_SQLITE_FILE: join(folder, 'sessions.db') }),
      };
    case 'dynamodb': {
      const server = parts.add(await startDynamo({ dataDir: join(folder, 'dynamodb') }), stop);
      await createTable({ table: TABLE, endpoint: server.url, region: 'us-east-1', credentials: CREDENTIALS });
      return {
        servers: { dynamodb: server },
        env: (through) => ({
          MOORING_SESSION_STORE: 'dynamodb',
          MOORING_DYNAMODB_TABLE: TABLE,
          AWS_ENDPOINT_URL_DYNAMODB: through(server.url),
          AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
          AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
        }),
      };
    }
    default: {
      // What is acknowledged is on disk, as docs/adapters/redis.md asks of a Redis that alone has the sessions.
      const settings = { appendonly: 'yes', appendfsync: 'always' };
      const server = parts.add(await startRedis({ dataDir: join(folder, 'redis'), settings }), stop);
      return {
        servers: { redis: server },
        env: (through, databaseUrl) => ({
          ...(backend === 'redis' ? { MOORING_SESSION_STORE: 'redis' } : { DATABASE_URL: databaseUrl }),
          REDIS_URL: through(server.url),
        }),
      };
    }
  }
}

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

const stop = (server: Breakable): Promise<void> => server.stop();
