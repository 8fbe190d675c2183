import type { StoreBackend } from '@mooring/session-store';
import { databaseLimits, schemaMigrated } from '@mooring/session-store/adapter';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import type { FailoverObserver, FailoverState } from '@mooring/store-failover';
import type { ConnectionUsage } from '@mooring/store-postgres';
import { observedStore } from './observed-store.ts';
import { selectBackend } from './options.ts';
import type { SessionStoreOptions, StoreChoice } from './options.ts';
import { storeMark } from './store-mark.ts';

/** A store, and what an operator may want to know of it besides whether it answers. */
export interface OpenedStore {
  readonly backend: StoreBackend;
  /** How the connections to the database are used. */
  readonly connections?: () => ConnectionUsage;
  /** Whether copies in Redis are in use. */
  readonly failover?: () => FailoverState;
  /** The same in each process that is told of the same store; see `storeMark`. */
  readonly mark?: string;
}

type Opener = (options: SessionStoreOptions, log: StoreLog, observer?: FailoverObserver) => Promise<OpenedStore>;

/**
 * The one place where configuration chooses a backend. Only the chosen adapters, and their drivers, are loaded;
 * `selectBackend` has seen to it that what an opener needs is there.
 */
const OPENERS: Readonly<Record<StoreChoice, Opener>> = {
  postgres: openPostgres,
  async redis({ redis, namespace, timeoutMs }) {
    const { createRedisStore } = await import('@mooring/store-redis');
    const limits = timeoutMs === undefined ? {} : { commandTimeoutMs: timeoutMs, connectTimeoutMs: timeoutMs };
    return { backend: await createRedisStore({ namespace, ...redis, ...limits }) };
  },
  async sqlite({ sqlite, namespace, timeoutMs }, log) {
    const { createSqliteStore } = await import('@mooring/store-sqlite');
    const limits = timeoutMs === undefined ? {} : { busyTimeoutMs: timeoutMs };
    const onMigrated = (version: SchemaVersion): void => log.log(schemaMigrated('the session store', version));
    return { backend: await createSqliteStore({ namespace, file: sqlite?.file ?? '', onMigrated, ...limits }) };
  },
  async dynamodb({ dynamodb, namespace, timeoutMs }) {
    const { createDynamoStore } = await import('@mooring/store-dynamodb');
    const limits = timeoutMs === undefined ? {} : { requestTimeoutMs: timeoutMs };
    return { backend: await createDynamoStore({ namespace, table: '', ...dynamodb, ...limits }) };
  },
  async memory({ namespace, production = false }, log) {
    const { createMemoryStore } = await import('@mooring/store-memory');
    const warn = (message: string): void => log.warn(message);
    return { backend: createMemoryStore({ namespace, production, allowProduction: true, warn }) };
  },
  async failover(options, log, observer) {
    const { createFailoverStore } = await import('@mooring/store-failover');
    const { createRedisCopies } = await import('@mooring/store-redis');
    const authority = await openPostgres(options, log);
    const { namespace, redis } = options;
    try {
      const store = await createFailoverStore({
        authority: authority.backend,
        copies: await createRedisCopies({ namespace, ...redis }),
        log: (message) => log.log(message),
        warn: (message) => log.warn(message),
        ...(observer === undefined ? {} : { observer }),
      });
      return { ...authority, backend: store, failover: () => store.state };
    } catch (error) {
      await authority.backend.close();
      throw error;
    }
  },
};

async function openPostgres(options: SessionStoreOptions, log: StoreLog): Promise<OpenedStore> {
  const { createPostgresStore } = await import('@mooring/store-postgres');
  const { database, namespace, migrate = true, timeoutMs } = options;
  const onMigrated = (names: readonly string[]): void =>
    log.log(`Ran ${names.length} migrations of the session store: ${names.join(', ')}`);
  const store = await createPostgresStore({
    namespace,
    migrate,
    onMigrated,
    ...database,
    ...databaseLimits(timeoutMs),
  });
  return { backend: store, connections: () => store.connections };
}

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
export async function openStore(options: SessionStoreOptions, log: StoreLog): Promise<OpenedStore> {
  const { name, warning } = selectBackend(options);
  const { observer } = options;
  const opened = { ...(await OPENERS[name](options, log, observer?.failover)), mark: storeMark(options, name) };
  // The failover store says itself what it uses, now and whenever that changes.
  if (name !== 'failover') log.log(ANNOUNCEMENTS[name]);
  if (warning !== undefined) log.warn(warning);
  if (observer === undefined) return opened;
  observer.opened?.(opened);
  return { ...opened, backend: observedStore(opened.backend, observer) };
}
