import type { SessionStore, StoreBackend } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import expressSession from 'express-session';
import type { Cookie, CookieOptions, SessionData } from 'express-session';
import { ExpressSessionStore } from './index.ts';
import type { ExpressSessionStoreOptions } from './index.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** A session as an application sees it. */
export type Loaded = SessionData & Record<string, unknown>;

export interface StoredSessions {
  readonly clock: ManualClock;
  readonly backend: StoreBackend;
  readonly store: ExpressSessionStore;
  /** What the session store was asked, in order. */
  readonly calls: string[];
  readonly get: (sid: string) => Promise<Loaded | undefined>;
  /** Reads a session as a request of its own does. */
  readonly load: (sid: string) => Promise<Loaded>;
  readonly set: (sid: string, session: object) => Promise<void>;
  readonly touch: (sid: string, session: object) => Promise<void>;
  readonly destroy: (sid: string) => Promise<void>;
  readonly all: () => Promise<Loaded[]>;
  readonly length: () => Promise<number>;
  readonly clear: () => Promise<void>;
}

/** The types say that it takes no options. */
const cookieOf = (options: CookieOptions | { maxAge: null }): Cookie =>
  new (expressSession.Cookie as new (options: object) => Cookie)(options);

/** A session as express-session makes it for a browser that has none. */
export function newSession(fields: object, maxAge: number | null = null): object {
  return Object.assign({ cookie: cookieOf({ maxAge }) }, fields);
}

/** The port with each call noted, and answered by `instead` where that has the method. */
export function watched(
  sessions: SessionStore,
  calls: string[],
  instead: Partial<SessionStore> | undefined,
): SessionStore {
  return new Proxy(sessions, {
    get(target, name: keyof SessionStore) {
      const method = (instead?.[name] ?? target[name]) as (...args: unknown[]) => unknown;
      return (...args: unknown[]): unknown => {
        calls.push(name);
        return method.apply(target, args);
      };
    },
  });
}

export function storedSessions(
  options: Partial<ExpressSessionStoreOptions> = {},
  given: { readonly backend?: StoreBackend; readonly instead?: Partial<SessionStore> } = {},
): StoredSessions {
  const clock = new ManualClock();
  const backend = given.backend ?? createMemoryStore({ clock });
  const calls: string[] = [];
  const sessions = watched(backend.sessions, calls, given.instead);
  const store = new ExpressSessionStore({ tenantId: 'web', clock, ...options, sessions });
  const call =
    <Value>(method: keyof ExpressSessionStore) =>
    (...args: unknown[]): Promise<Value> =>
      new Promise((resolve, reject) => {
        const ask = store[method] as (...all: unknown[]) => void;
        ask.call(store, ...args, (error: unknown, value: Value) =>
          error instanceof Error ? reject(error) : resolve(value),
        );
      });
  const load = call<Loaded | undefined>('load');
  return {
    clock,
    backend,
    store,
    calls,
    get: call('get'),
    load: async (sid) => {
      const session = await load(sid);
      if (session === undefined) throw new Error('the session is gone');
      return session;
    },
    set: call('set'),
    touch: call('touch'),
    destroy: call('destroy'),
    all: call('all'),
    length: call('length'),
    clear: call('clear'),
  };
}
