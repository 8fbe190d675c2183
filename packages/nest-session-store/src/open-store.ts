import type { StoreBackend } from '@mooring/session-store';
import { selectBackend } from './options.ts';
import type { SessionStoreOptions, StoreChoice } from './options.ts';

type Opener = (options: SessionStoreOptions, log: StoreLog) => Promise<StoreBackend>;

/**
 * The one place where configuration chooses a backend. Only the chosen adapters, and their drivers, are loaded;
 * `selectBackend` has seen to it that what an opener needs is there.
 */
const OPENERS: Readonly<Record<StoreChoice, Opener>> = {
  async postgres({ database, namespace }) {
    const { createPostgresStore } = await import('@mooring/store-postgres');
    return createPostgresStore({ namespace, ...database });
  },
  async redis({ redis, namespace }) {
    const { createRedisStore } = await import('@mooring/store-redis');
    return createRedisStore({ namespace, ...redis });
  },
  async sqlite({ sqlite, namespace }) {
    const { createSqliteStore } = await import('@mooring/store-sqlite');
    return createSqliteStore({ namespace, file: sqlite?.file ?? '' });
  },
  async memory({ namespace, production = false }, log) {
    const { createMemoryStore } = await import('@mooring/store-memory');
    return createMemoryStore({ namespace, production, allowProduction: true, warn: (message) => log.warn(message) });
  },
};

/** Word for word what operators look for in the log. */
const ANNOUNCEMENTS: Readonly<Record<Exclude<StoreChoice, 'failover'>, string>> = {
  postgres: 'Using database for session storage',
  redis: '✓ Connected to Redis for session storage',
  sqlite: 'Using SQLite for session storage',
  dynamodb: 'Using DynamoDB for session storage',
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
  // The failover store says itself what it uses, now and whenever that changes.
  if (name !== 'failover') log.log(ANNOUNCEMENTS[name]);
  if (warning !== undefined) log.warn(warning);
  return backend;
}
