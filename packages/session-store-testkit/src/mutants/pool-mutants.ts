import { ok, refused } from '@mooring/session-store';
import type { PoolLease, SessionPoolStore } from '@mooring/session-store';
import { portMutant } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { pause } from './session-memory.ts';

const LONGEST_MS = 34_560_000_000;
const sameKey = (one: PoolLease['key'], other: PoolLease['key']): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

export const POOL_MUTANTS: readonly Mutant[] = [
  portMutant('a leased session is handed out twice', 'pool', (pool) => {
    let last: PoolLease | undefined;
    return {
      async register(lease, session) {
        const result = await pool.register(lease, session);
        if (result.ok) last = result.value;
        return result;
      },
      async acquire(request) {
        const result = await pool.acquire(request);
        if (!result.ok || result.value.sessionId !== null || last === undefined) return result;
        return sameKey(last.key, request.key) ? ok({ ...last, leaseId: request.leaseId }) : result;
      },
    };
  }),

  portMutant('the caps are checked, then acted on', 'pool', (pool) => ({
    async acquire(request) {
      const { items } = await pool.list({ target: request.key.target }, { limit: 1000 });
      const idle = items.some(({ key, state }) => state === 'idle' && sameKey(key, request.key));
      const ofKey = items.filter(({ key }) => sameKey(key, request.key)).length;
      if (!idle && (ofKey >= request.maxPerKey || items.length >= request.maxPerTarget)) return pool.acquire(request);
      await pause();
      return pool.acquire({ ...request, maxPerKey: 10_000, maxPerTarget: 10_000 });
    },
  })),

  portMutant('the cap of the target is ignored', 'pool', (pool) => ({
    acquire: (request) => pool.acquire({ ...request, maxPerTarget: 10_000 }),
  })),

  portMutant('an opening stops counting with its lease', 'pool', (pool) => ({
    acquire: (request) => pool.acquire({ ...request, aliveForMs: 0 }),
  })),

  portMutant('a closing session does not count', 'pool', (pool) => ({
    discard: (lease) => pool.discard(lease, 0),
  })),

  portMutant('what is dirty is forgotten', 'pool', (pool) => ({
    renew: (renewals, leaseTtlMs) =>
      pool.renew(
        renewals.map((renewal) => ({ ...renewal, dirty: false })),
        leaseTtlMs,
      ),
  })),

  portMutant('a recovered session looks like any other', 'pool', (pool) => ({
    async acquire(request) {
      const result = await pool.acquire(request);
      return result.ok ? ok({ ...result.value, recovered: false }) : result;
    },
  })),

  portMutant('the database identity is not part of the key', 'pool', (pool) => ({
    async acquire(request) {
      const result = await pool.acquire({ ...request, key: { ...request.key, identity: 'any' } });
      return result.ok ? ok({ ...result.value, key: request.key }) : result;
    },
  })),

  portMutant('a retry leases again', 'pool', (pool) => {
    let retries = 0;
    return { acquire: (request) => pool.acquire({ ...request, leaseId: `${request.leaseId}-${++retries}` }) };
  }),

  portMutant('nothing is ever wanted', 'pool', (pool) => ({
    async renew(renewals, leaseTtlMs) {
      const answers = await pool.renew(renewals, leaseTtlMs);
      return answers.map((answer) => (answer.ok ? ok({ ...answer.value, wanted: false }) : answer));
    },
  })),

  portMutant('everything is always wanted', 'pool', (pool) => ({
    async renew(renewals, leaseTtlMs) {
      const answers = await pool.renew(renewals, leaseTtlMs);
      return answers.map((answer) => (answer.ok ? ok({ ...answer.value, wanted: true }) : answer));
    },
  })),

  portMutant('a lost lease is released as if it were held', 'pool', (pool) => ({
    async release(lease, lifetime) {
      await pool.release(lease, lifetime);
      return ok(null);
    },
  })),

  portMutant('a session is given out when it is past its use', 'pool', (pool) => ({
    release: (lease, lifetime) => pool.release(lease, { ...lifetime, usableForMs: lifetime.aliveForMs }),
  })),

  portMutant('a session never retires', 'pool', (pool) => ({
    register: (lease, session) => pool.register(lease, { ...session, retireAfterMs: LONGEST_MS }),
  })),

  portMutant('a lease never ends', 'pool', (pool) => ({
    acquire: (request) => pool.acquire({ ...request, leaseTtlMs: LONGEST_MS }),
  })),

  portMutant('reclaiming takes what was used last', 'pool', (pool) => ({
    reclaim: async (request) => reclaimNewest(pool, request),
  })),

  portMutant('a slot list shows all tenants', 'pool', (pool) => ({
    list: ({ target }, page) => pool.list({ target }, page),
  })),
];

async function reclaimNewest(
  pool: SessionPoolStore,
  request: Parameters<SessionPoolStore['reclaim']>[0],
): ReturnType<SessionPoolStore['reclaim']> {
  const { items } = await pool.list({ target: request.target }, { limit: 1000 });
  const newest = items.filter(({ state }) => state === 'idle').at(-1);
  if (newest === undefined) return refused('none_idle');
  const { key } = newest;
  const result = await pool.acquire({ ...request, key, maxPerKey: 1, maxPerTarget: 1, aliveForMs: 0 });
  return result.ok ? result : refused('none_idle');
}
