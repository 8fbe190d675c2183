import type { StoreBackend } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { AuthTokens } from './auth-tokens.ts';
import type { IssuedToken, NewToken } from './auth-tokens.ts';
import type { AuthEvent } from './events.ts';
import type { AuthTokenOptions } from './options.ts';

export const ANN: NewToken = { tenantId: 'acme', subjectId: 'ann', claims: { role: 'analyst' } };

/** Counts what a port is asked. */
export function counted<T extends object>(port: T): { readonly port: T; readonly calls: string[] } {
  const calls: string[] = [];
  const proxy = new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        calls.push(String(name));
        return (member as (...all: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  return { port: proxy, calls };
}

export interface Auth {
  readonly clock: ManualClock;
  readonly store: StoreBackend;
  readonly tokens: AuthTokens;
  readonly events: AuthEvent[];
  readonly calls: string[];
  readonly issue: (change?: Partial<NewToken>) => Promise<IssuedToken>;
}

export function auth(options: AuthTokenOptions = {}): Auth {
  const clock = new ManualClock();
  const store = createMemoryStore({ namespace: 'auth', clock });
  const { port: sessions, calls } = counted(store.sessions);
  const events: AuthEvent[] = [];
  const tokens = new AuthTokens({ sessions, options, clock, onEvent: (event) => events.push(event) });
  return {
    clock,
    store,
    tokens,
    events,
    calls,
    async issue(change = {}) {
      const issued = await tokens.issue({ ...ANN, ...change });
      if (!issued.ok) throw new Error(issued.reason);
      return issued.value;
    },
  };
}

export function typesOf(events: readonly AuthEvent[]): string[] {
  return events.map((event) => (event.type === 'token_refused' ? `${event.type} ${event.reason}` : event.type));
}
