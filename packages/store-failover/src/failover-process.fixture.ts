import type { StoreBackend } from '@mooring/session-store';
import { createPostgresStore } from '@mooring/store-postgres';
import { createRedisCopies } from '@mooring/store-redis';
import { createFailoverStore } from './index.ts';

/** The machine is busy with other tests. */
const LONG_MS = 60_000;

export interface FailoverProcessOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly namespace: string;
}

/** What a client process of a spec opens. */
export async function openFailover(options: FailoverProcessOptions): Promise<StoreBackend> {
  const { databaseUrl, redisUrl, namespace } = options;
  return createFailoverStore({
    authority: await createPostgresStore({
      url: databaseUrl,
      namespace,
      poolSize: 4,
      statementTimeoutMs: LONG_MS,
      connectionTimeoutMs: LONG_MS,
    }),
    copies: await createRedisCopies({
      url: redisUrl,
      namespace,
      commandTimeoutMs: LONG_MS,
      connectTimeoutMs: LONG_MS,
    }),
    maxStalenessMs: 100,
    firstRetryMs: 50,
    longestRetryMs: 200,
  });
}
