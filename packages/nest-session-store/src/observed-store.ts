import type { StoreBackend } from '@mooring/session-store';
import type { FailoverObserver } from '@mooring/store-failover';
import type { OpenedStore } from './open-store.ts';

/** Sees what a store does, for metrics and traces. */
export interface StoreObserver {
  /**
   * Runs an operation, which it may time or trace, and answers what the operation does. `name` is one of a fixed list, such
   * as `sessions.get`, `sweep` or `ping`.
   */
  operation<Answer>(name: string, run: () => Promise<Answer>): Promise<Answer>;
  /** The store is open. */
  opened?(store: OpenedStore): void;
  /** Is told what becomes of copies, where there are some. */
  readonly failover?: FailoverObserver;
}

type PortName = 'sessions' | 'limits' | 'attempts' | 'budgets' | 'leases' | 'pool';

const OPERATIONS: { readonly [Port in PortName]: { readonly [Operation in keyof StoreBackend[Port]]: string } } = {
  sessions: {
    create: 'sessions.create',
    get: 'sessions.get',
    touch: 'sessions.touch',
    update: 'sessions.update',
    rotate: 'sessions.rotate',
    revoke: 'sessions.revoke',
    revokeWhere: 'sessions.revokeWhere',
    list: 'sessions.list',
  },
  limits: { consume: 'limits.consume', peek: 'limits.peek', reset: 'limits.reset' },
  attempts: {
    check: 'attempts.check',
    recordFailure: 'attempts.recordFailure',
    recordSuccess: 'attempts.recordSuccess',
  },
  budgets: {
    reserve: 'budgets.reserve',
    settle: 'budgets.settle',
    release: 'budgets.release',
    usage: 'budgets.usage',
  },
  leases: { acquire: 'leases.acquire', renew: 'leases.renew', release: 'leases.release' },
  pool: {
    acquire: 'pool.acquire',
    register: 'pool.register',
    renew: 'pool.renew',
    release: 'pool.release',
    discard: 'pool.discard',
    reclaim: 'pool.reclaim',
    list: 'pool.list',
  },
};

/** The same store, each of whose operations goes through the observer. */
export function observedStore(store: StoreBackend, observer: StoreObserver): StoreBackend {
  const ports = (Object.keys(OPERATIONS) as PortName[]).map((port) => {
    return [port, observedPort(store[port], OPERATIONS[port], observer)] as const;
  });
  return observedAs(store, {
    ...(Object.fromEntries(ports) as Pick<StoreBackend, PortName>),
    sweep: (request) => observer.operation('sweep', () => store.sweep(request)),
    ping: () => observer.operation('ping', () => store.ping()),
    close: () => store.close(),
  });
}

function observedPort<Port extends object>(
  port: Port,
  operations: Readonly<Record<string, string>>,
  observer: StoreObserver,
): Port {
  const observed = Object.entries(operations).map(([method, name]) => {
    const run = port[method as keyof Port] as (...args: unknown[]) => Promise<unknown>;
    return [method, (...args: unknown[]) => observer.operation(name, () => run.apply(port, args))] as const;
  });
  return observedAs(port, Object.fromEntries(observed) as Partial<Port>);
}

/** What it has besides stays as it is. */
function observedAs<Part extends object>(part: Part, members: Partial<Part>): Part {
  return Object.create(part, Object.getOwnPropertyDescriptors(members)) as Part;
}
