import { StoreSelectionError } from './errors.ts';

/** The stores that there are. `auto` chooses one of them. */
export const BACKENDS = ['postgres', 'memory'] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface SessionStoreOptions {
  /**
   * `auto` (default): PostgreSQL when there is a `url`, else memory with a warning. Memory by way of `auto` is refused in
   * production, where it would lose every session at each restart without anybody having asked for it.
   */
  readonly backend?: BackendName | 'auto';
  /** `postgres://user:password@host:5432/database`. */
  readonly url?: string;
  /** Separates stores that share a database. */
  readonly namespace: string;
  /** The most connections to the database. Default: the adapter's. */
  readonly poolSize?: number;
  /** Default false. */
  readonly production?: boolean;
}

export interface SelectedBackend {
  readonly name: BackendName;
  /** Said in the log when the choice is one to think about. */
  readonly warning?: string;
}

/** @throws StoreSelectionError */
export function selectBackend(options: Omit<SessionStoreOptions, 'namespace'>): SelectedBackend {
  const { backend = 'auto', url, production = false } = options;
  if (backend === 'auto') {
    if (url !== undefined) return { name: 'postgres' };
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
  if (!(BACKENDS as readonly string[]).includes(backend)) {
    throw new StoreSelectionError(
      `There is no session store "${backend as string}". There are: auto, ${BACKENDS.join(', ')}.`,
    );
  }
  if (backend === 'postgres' && url === undefined) {
    throw new StoreSelectionError('The session store "postgres" needs a database URL.');
  }
  return { name: backend };
}
