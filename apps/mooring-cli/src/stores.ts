import { openStore } from '@mooring/nest-session-store';
import type { OpenedStore } from '@mooring/nest-session-store';
import { isOfOneProcess } from './config.ts';
import type { StoreSettings } from './config.ts';
import { CommandError, EXIT } from './errors.ts';

/** Where the services keep the sessions of tokens, and what they know of warehouse sessions. */
export const AUTH_NAMESPACE = 'auth';
export const POOL_NAMESPACE = 'pool';

export interface StoreUse {
  readonly settings: StoreSettings;
  readonly namespace: string;
  /** Default false: only `migrate` changes a schema. */
  readonly migrate?: boolean;
  readonly warn: (message: string) => void;
}

const FEW_CONNECTIONS = 2;

/** Opens a namespace of the store that the services share, and closes it after the work. */
export async function withStore<T>(use: StoreUse, work: (store: OpenedStore) => Promise<T>): Promise<T> {
  const { settings, namespace, migrate = false, warn } = use;
  if (isOfOneProcess(settings)) {
    throw new CommandError({
      code: 'no_shared_store',
      message: 'The environment names no store that is shared: what is in memory is in its process alone.',
      remedy: 'set DATABASE_URL, REDIS_URL or MOORING_SESSION_STORE as the services have them',
      exitCode: EXIT.wrongUsage,
    });
  }
  const { database } = settings;
  const few = database === undefined ? {} : { database: { ...database, poolSize: FEW_CONNECTIONS } };
  const opened = await openStore({ ...settings, ...few, namespace, migrate }, { log: () => undefined, warn });
  try {
    return await work(opened);
  } finally {
    await opened.backend.close();
  }
}
