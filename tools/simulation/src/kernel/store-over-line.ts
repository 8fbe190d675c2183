import { StoreError } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import type { Line } from './line.ts';

const PORTS = ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'] as const;
type Call = (...args: unknown[]) => Promise<unknown>;

export function storeFailure(operation: string, how: 'unsent' | 'lost'): StoreError {
  return how === 'unsent'
    ? new StoreError({ code: 'unavailable', outcome: 'not_applied', operation, backend: 'memory', message: 'cut' })
    : new StoreError({ code: 'timeout', outcome: 'unknown', operation, backend: 'memory', message: 'no answer' });
}

/** A store as a process reaches it over a line. */
export function storeOver(line: Line, store: StoreBackend): StoreBackend {
  const ports = PORTS.map((port) => [port, over(line, `${port}.`, store[port])]);
  return {
    name: store.name,
    capabilities: { ...store.capabilities, clock: 'server', shared: true },
    ...(Object.fromEntries(ports) as Pick<StoreBackend, (typeof PORTS)[number]>),
    sweep: (request) => line.call('sweep', () => store.sweep(request)),
    ping: () => line.call('ping', () => store.ping()),
    close: async () => {},
  };
}

/** Each method of an object as a call over a line. */
export function over<T extends object>(
  line: Line,
  prefix: string,
  server: T,
  onCall: (name: string) => void = () => {},
): T {
  return new Proxy(server, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        onCall(String(name));
        return line.call(`${prefix}${String(name)}${about(args)}`, () => (method as Call).apply(target, args));
      };
    },
  });
}

/** Whose call it is, for the trace. */
function about([first]: readonly unknown[]): string {
  if (typeof first === 'string') return ` ${first}`;
  const { key, tenantId, sessionId } = ((first as { lease?: object })?.lease ?? first ?? {}) as Subject;
  const who = tenantId ?? key?.tenantId;
  return `${who === undefined ? '' : ` ${who}`}${typeof sessionId === 'string' ? ` ${sessionId}` : ''}`;
}

interface Subject {
  readonly key?: { readonly tenantId: string };
  readonly tenantId?: string;
  readonly sessionId?: string | null;
}
