import { StoreSelectionError } from './errors.ts';
import type { StoreObserver } from './observed-store.ts';

/** The stores that there are. `auto` chooses one of them, or PostgreSQL with copies in Redis. */
export const BACKENDS = ['postgres', 'redis', 'sqlite', 'dynamodb', 'memory'] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface RedisNode {
  readonly host: string;
  readonly port?: number;
}

/** Exactly one of `url`, `cluster` and `sentinel`. */
export interface RedisPlace {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url?: string;
  readonly cluster?: { readonly nodes: readonly RedisNode[] };
  readonly sentinel?: { readonly name: string; readonly nodes: readonly RedisNode[] };
  readonly username?: string;
  readonly password?: string;
  readonly tls?: boolean;
}

export interface SessionStoreOptions {
  /**
   * `auto` (default): with a database and Redis, the database decides and Redis has copies; with one of them, that one;
   * with none, memory and a warning. Memory by way of `auto` is refused in production, where it would lose every session
   * at each restart without anybody having asked for it.
   */
  readonly backend?: BackendName | 'auto';
  /** Separates stores that share a server. */
  readonly namespace: string;
  readonly database?: {
    /** `postgres://user:password@host:5432/database`. */
    readonly url: string;
    /** The most connections. Default: the adapter's. */
    readonly poolSize?: number;
  };
  readonly redis?: RedisPlace;
  readonly sqlite?: { readonly file: string };
  readonly dynamodb?: { readonly table: string; readonly region?: string; readonly endpoint?: string };
  /**
   * The longest wait for a connection to the server, and for an answer of it. Default: the adapter's. Copies in Redis keep
   * theirs, because who waits longer for one had better ask the database.
   */
  readonly timeoutMs?: number;
  /** Brings the schema of PostgreSQL up to date when the store opens. Default true. */
  readonly migrate?: boolean;
  /** For metrics and traces; `storeMetrics` is one. */
  readonly observer?: StoreObserver;
  /** Default false. */
  readonly production?: boolean;
}

/** What is opened: a backend, or `failover` for PostgreSQL with copies in Redis. */
export type StoreChoice = BackendName | 'failover';

export interface SelectedBackend {
  readonly name: StoreChoice;
  /** Said in the log when the choice is one to think about. */
  readonly warning?: string;
}

/** Where each backend that is named must be. */
const NEEDS: Readonly<Record<BackendName, { readonly place?: keyof SessionStoreOptions; readonly words: string }>> = {
  postgres: { place: 'database', words: 'a database URL' },
  redis: { place: 'redis', words: 'a Redis URL, cluster or sentinels' },
  sqlite: { place: 'sqlite', words: 'a file' },
  dynamodb: { place: 'dynamodb', words: 'a table' },
  memory: { words: 'nothing' },
};

/** @throws StoreSelectionError */
export function selectBackend(options: Omit<SessionStoreOptions, 'namespace'>): SelectedBackend {
  const { backend = 'auto' } = options;
  if (backend === 'auto') return automatic(options);
  if (!Object.hasOwn(NEEDS, backend)) {
    throw new StoreSelectionError(
      `There is no session store "${backend as string}". There are: auto, ${BACKENDS.join(', ')}.`,
    );
  }
  const { place, words } = NEEDS[backend];
  if (place !== undefined && options[place as keyof typeof options] === undefined) {
    throw new StoreSelectionError(`The session store "${backend}" needs ${words}.`);
  }
  return { name: backend };
}

function automatic({ database, redis, production = false }: Omit<SessionStoreOptions, 'namespace'>): SelectedBackend {
  if (database !== undefined) return { name: redis === undefined ? 'postgres' : 'failover' };
  if (redis !== undefined) return { name: 'redis' };
  if (production) {
    throw new StoreSelectionError(
      'There is no database URL, and in production sessions are not kept in memory unless asked for: ' +
        'give a database URL, or choose the store "memory".',
    );
  }
  return {
    name: 'memory',
    warning: 'Sessions are kept in memory: lost at a restart, unknown to other processes. Give a database URL.',
  };
}
