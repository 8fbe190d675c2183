import type { PoolRequest, StoreBackend } from '@mooring/session-store';
import { accepted } from '../expectations.ts';
import { LIFETIME, openedSession, poolRequest } from '../samples.ts';
import type { Operation } from './operations.ts';

const TTL_MS = 60_000;

/** Of leases and of the session pool. */
export async function poolOperations(
  store: StoreBackend,
  word: string,
): Promise<Readonly<Record<string, Operation['run']>>> {
  const target = `warehouse-${word}`;
  const tenantId = `tenant-${word}`;
  let leases = 0;
  const request = (change: Partial<PoolRequest> = {}): PoolRequest =>
    poolRequest({
      key: { target, tenantId, identity: `identity-${word}` },
      holder: `holder-${word}`,
      leaseId: `lease-${++leases}-${word}`,
      leaseTtlMs: TTL_MS,
      maxPerKey: 20,
      maxPerTarget: 20,
      ...change,
    });
  const opened = (name: string) => openedSession(store, `${name}-${word}`, request());

  const renewed = accepted(await store.leases.acquire(`renewed-${word}`, `holder-${word}`, TTL_MS));
  const released = accepted(await store.leases.acquire(`released-${word}`, `holder-${word}`, TTL_MS));
  const slot = accepted(await store.pool.acquire(request()));
  const [kept, returned, closed, idle] = [
    await opened('kept'),
    await opened('returned'),
    await opened('closed'),
    await opened('idle'),
  ];
  accepted(await store.pool.release(idle, LIFETIME));
  return {
    'leases.acquire': (on) => on.leases.acquire(`free-${word}`, `holder-${word}`, TTL_MS),
    'leases.acquire of one that is held': (on) => on.leases.acquire(`renewed-${word}`, `other-${word}`, TTL_MS),
    'leases.renew': (on) => on.leases.renew(renewed, TTL_MS),
    'leases.release': (on) => on.leases.release(released),
    'pool.reclaim': (on) =>
      on.pool.reclaim({ target, holder: `closer-${word}`, leaseId: `reclaim-${word}`, leaseTtlMs: TTL_MS }),
    'pool.acquire': (on) => on.pool.acquire(request()),
    'pool.acquire past the caps': (on) => on.pool.acquire(request({ holder: `other-${word}`, maxPerKey: 1 })),
    'pool.register': (on) => on.pool.register(slot, { sessionId: `new-${word}`, ...LIFETIME, retireAfterMs: TTL_MS }),
    'pool.renew': (on) =>
      on.pool.renew(
        [kept, returned].map((lease) => ({ lease, lifetime: LIFETIME })),
        TTL_MS,
      ),
    'pool.release': (on) => on.pool.release(returned, LIFETIME),
    'pool.discard': (on) => on.pool.discard(closed, 0),
    'pool.list of a target': (on) => on.pool.list({ target }, { limit: 10 }),
    'pool.list of a tenant': (on) => on.pool.list({ target, tenantId }, { limit: 10 }),
  };
}
