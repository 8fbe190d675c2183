import type { StoreBackend } from '@mooring/session-store';
import { selectBackend } from './options.ts';
import type { BackendName, SessionStoreOptions } from './options.ts';

type Opener = (options: SessionStoreOptions, log: StoreLog) => Promise<StoreBackend>;

/** The one place where configuration chooses a backend. Only the chosen adapter, and its driver, is loaded. */
const OPENERS: Readonly<Record<BackendName, Opener>> = {
  async postgres({ url, namespace, poolSize }) {
    const { createPostgresStore } = await import('@mooring/store-postgres');
    return createPostgresStore({
      namespace,
      ...(url === undefined ? {} : { url }),
      ...(poolSize === undefined ? {} : { poolSize }),
    });
  },
  async memory({ namespace, production = false }, log) {
    const { createMemoryStore } = await import('@mooring/store-memory');
    return createMemoryStore({ namespace, production, allowProduction: true, warn: (message) => log.warn(message) });
  },
};

const ANNOUNCEMENTS: Readonly<Record<BackendName, string>> = {
  postgres: 'Using database for session storage',
  memory: 'Using memory for session storage',
};

/** What is said of the choice; Nest's `Logger` fits. */
export interface StoreLog {
  log(message: string): void;
  warn(message: string): void;
}

/** Opens the store that the options ask for. Whoever opens it closes it. */
export async function openStore(options: SessionStoreOptions, log: StoreLog): Promise<StoreBackend> {
  const { name, warning } = selectBackend(options);
  const backend = await OPENERS[name](options, log);
  log.log(ANNOUNCEMENTS[name]);
  if (warning !== undefined) log.warn(warning);
  return backend;
}
