import { ok } from '@mooring/session-store';
import type { Clock, PoolLease, SessionPoolStore, StoreBackend } from '@mooring/session-store';
import type { DataApi } from '@mooring/redshift-sessions';
import type { Mutant, Sabotage } from '../kernel/scenario.ts';
import { replaced } from '@mooring/session-store-testkit';

const pool = (fault: (port: SessionPoolStore) => Partial<SessionPoolStore>): Sabotage => ({
  store: (store) => replaced<StoreBackend>(store, { pool: replaced(store.pool, fault(store.pool)) }),
});

const api = (fault: (port: DataApi) => Partial<DataApi>): Sabotage => ({
  api: (port) => replaced<DataApi>(port, fault(port)),
});

/** Whoever asks for a session of a key gets the one that was given out last, as long as its lease lasts. */
function sharedSessions(port: SessionPoolStore): Partial<SessionPoolStore> {
  const given = new Map<string, PoolLease>();
  const keyOf = (key: PoolLease['key']): string => `${key.tenantId} ${key.identity}`;
  return {
    register: async (lease, session) => {
      const registered = await port.register(lease, session);
      if (registered.ok) given.set(keyOf(lease.key), registered.value);
      return registered;
    },
    acquire: async (request) => {
      const lease = given.get(keyOf(request.key));
      given.delete(keyOf(request.key));
      return lease === undefined
        ? port.acquire(request)
        : ok({ ...lease, leaseId: request.leaseId, fencingToken: lease.fencingToken + 1 });
    },
  };
}

/** A clock at half the pace: all leases seem to last for twice as long. */
function slowClock(clock: Clock): Clock {
  const start = clock.now();
  return {
    now: () => start + Math.floor((clock.now() - start) / 2),
    after: (delayMs, callback) => clock.after(delayMs * 2, callback),
  };
}

let tokens = 0;

const PLANTED: Readonly<Record<string, Sabotage>> = {
  'a session is given to two holders': pool(sharedSessions),
  'a process believes in its leases by a clock that goes at half the pace': { clock: slowClock },
  'fencing tokens of slots do not grow': pool((port) => ({
    acquire: async (request) => {
      const acquired = await port.acquire(request);
      return acquired.ok && acquired.value.sessionId !== null ? ok({ ...acquired.value, fencingToken: 7 }) : acquired;
    },
  })),
  'the cap of a key is one too many': pool((port) => ({
    acquire: (request) => port.acquire({ ...request, maxPerKey: request.maxPerKey + 1 }),
  })),
  'the cap of the target is one too many': pool((port) => ({
    acquire: (request) => port.acquire({ ...request, maxPerTarget: request.maxPerTarget + 1 }),
  })),
  'a session that is closing does not count': pool((port) => ({ discard: (lease) => port.discard(lease, 0) })),
  'a session whose taker may die counts as it did before': pool((port) => ({
    acquire: (request) => port.acquire({ ...request, aliveForMs: 1 }),
  })),
  'sessions are shared over tenants': pool((port) => ({
    acquire: (request) => port.acquire({ ...request, key: { ...request.key, tenantId: 'all' } }),
  })),
  'sessions are shared over users': pool((port) => ({
    acquire: (request) => port.acquire({ ...request, key: { ...request.key, identity: 'all' } }),
  })),
  'a changed session is not marked': pool((port) => ({
    renew: (renewals, ttlMs) =>
      port.renew(
        renewals.map(({ lease, lifetime }) => ({ lease, lifetime })),
        ttlMs,
      ),
  })),
  'each try has a token of its own': api((port) => ({
    execute: (sql, options) => port.execute(sql, { ...options, clientToken: `token-${++tokens}` }),
    findStatements: async () => [],
  })),
  'a statement that runs is taken for finished': api((port) => ({
    describe: async (id, waitSeconds, signal) => ({
      ...(await port.describe(id, waitSeconds === undefined ? undefined : 1, signal)),
      status: 'FINISHED',
    }),
  })),
  'a statement that ran is said to be refused': api((port) => ({
    execute: async (sql, options) => {
      const submitted = await port.execute(sql, options);
      if (sql.endsWith('7')) throw Object.assign(new Error('full'), { code: 'pool_exhausted' });
      return submitted;
    },
  })),
  'a long poll never ends': api(() => ({ describe: () => new Promise(() => undefined) })),
  'a failure of the warehouse comes as any error': api((port) => ({
    execute: async (sql, options) => {
      if (sql.endsWith('7')) throw new Error('something broke');
      return port.execute(sql, options);
    },
  })),
};

export const POOL_MUTANTS: readonly Mutant[] = Object.entries(PLANTED).map(([name, sabotage]) => ({
  name,
  scenario: 'pool',
  sabotage,
}));
