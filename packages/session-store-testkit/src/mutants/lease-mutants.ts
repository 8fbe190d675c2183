import { ok, refused } from '@mooring/session-store';
import type { Lease } from '@mooring/session-store';
import { namespaceMutant, portMutant } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { pause } from './session-memory.ts';

export const LEASE_MUTANTS: readonly Mutant[] = [
  portMutant('the fencing token starts again with each lease', 'leases', (leases) => {
    const held = new Map<string, Lease>();
    const real = (lease: Lease): Lease => ({
      ...lease,
      fencingToken: held.get(`${lease.name}\n${lease.holder}`)?.fencingToken ?? 0,
    });
    return {
      async acquire(name, holder, ttlMs) {
        const result = await leases.acquire(name, holder, ttlMs);
        if (!result.ok) return result;
        held.set(`${name}\n${holder}`, result.value);
        return ok({ ...result.value, fencingToken: 1 });
      },
      async renew(lease, ttlMs) {
        const result = await leases.renew(real(lease), ttlMs);
        return result.ok ? ok({ ...result.value, fencingToken: 1 }) : result;
      },
      release: (lease) => leases.release(real(lease)),
    };
  }),

  portMutant('the fencing token stays when the holder comes back late', 'leases', (leases) => {
    const first = new Map<string, number>();
    return {
      async acquire(name, holder, ttlMs) {
        const result = await leases.acquire(name, holder, ttlMs);
        if (!result.ok) return result;
        const key = `${name}\n${holder}`;
        const fencingToken = first.get(key) ?? result.value.fencingToken;
        first.set(key, fencingToken);
        return ok({ ...result.value, fencingToken });
      },
    };
  }),

  portMutant('a lease is checked, then taken', 'leases', (leases) => {
    const free = new Map<string, Lease>();
    return {
      async acquire(name, holder, ttlMs) {
        const held = free.get(name);
        await pause();
        const result = await leases.acquire(name, holder, ttlMs);
        if (result.ok) free.set(name, result.value);
        else if (held === undefined) {
          const taken = free.get(name);
          if (taken !== undefined) return ok({ ...taken, holder });
        }
        return result;
      },
      async release(lease) {
        free.delete(lease.name);
        return leases.release(lease);
      },
    };
  }),

  portMutant('a stale holder may renew', 'leases', (leases) => ({
    async renew(lease, ttlMs) {
      const result = await leases.acquire(lease.name, lease.holder, ttlMs);
      return result.ok ? result : refused('lost');
    },
  })),

  namespaceMutant(
    'releasing forgets whose lease it is',
    'leases',
    () => new Map<string, Lease>(),
    (leases, current) => ({
      async acquire(name, holder, ttlMs) {
        const result = await leases.acquire(name, holder, ttlMs);
        if (result.ok) current.set(name, result.value);
        return result;
      },
      release: (lease) => leases.release(current.get(lease.name) ?? lease),
    }),
  ),

  portMutant('the same holder is refused its own lease', 'leases', (leases) => {
    const taken = new Set<string>();
    return {
      async acquire(name, holder, ttlMs) {
        if (taken.has(name)) return refused('held');
        const result = await leases.acquire(name, holder, ttlMs);
        if (result.ok) taken.add(name);
        return result;
      },
    };
  }),
];
