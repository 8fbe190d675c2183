import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PoolLease, SessionPoolStore } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { SimulatedWarehouse } from '@mooring/simulation';
import { PoolDrain } from './pool-drain.ts';
import type { DrainRun, Drained } from './pool-drain.ts';

const LEASE_TTL_MS = 15_000;
const lifetime = { usableForMs: 3_000_000, aliveForMs: 3_600_000 };

let clock: ManualClock;
let api: SimulatedWarehouse;
let pool: SessionPoolStore;
let drain: PoolDrain;

beforeEach(() => {
  clock = new ManualClock();
  api = new SimulatedWarehouse(clock, () => 0.5);
  pool = createMemoryStore({ clock }).pool;
  drain = new PoolDrain({ api, pool, place: { clusterIdentifier: 'main' }, region: 'us-east-1', clock });
});

async function finished<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  await clock.advance(2000);
  return work;
}

const run = (options?: DrainRun): Promise<Drained> => finished(drain.run(options));

/** A session that a process of this name holds, for a tenant of the same name. */
async function held(name: string): Promise<PoolLease> {
  const place = { ClusterIdentifier: 'main', Database: 'dev', DbUser: 'ann' };
  const options = { place, keepAliveSeconds: 3600, statementName: name, clientToken: name };
  const { sessionId = '' } = await finished(api.execute('select ann 0', options));
  const key = { target: 'us-east-1/cluster/main', tenantId: name, identity: 'ann' };
  const caps = { maxPerKey: 9, maxPerTarget: 9, aliveForMs: 3_600_000 };
  const slot = await pool.acquire({ key, holder: name, leaseId: name, leaseTtlMs: LEASE_TTL_MS, ...caps });
  if (!slot.ok) throw new Error(slot.reason);
  const leased = await pool.register(slot.value, { sessionId, ...lifetime, retireAfterMs: 3_600_000 });
  if (!leased.ok) throw new Error(leased.reason);
  return leased.value;
}

async function states(tenantId?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const slot of drain.slots(tenantId)) found.push(slot.state);
  return found.sort();
}

describe('a drain of the pool', () => {
  it('closes what nobody holds, of all tenants, and leaves the rest', async () => {
    for (const name of ['acme', 'globex']) await pool.release(await held(name), lifetime);
    await held('initech');
    expect(await run({ dryRun: true })).toEqual({ closed: 2, refused: 0, inUse: 1 });
    expect([await states(), api.open]).toEqual([['idle', 'idle', 'leased'], 3]);
    expect(await run()).toEqual({ closed: 2, refused: 0, inUse: 1 });
    expect([await states(), await states('acme'), api.open]).toEqual([
      ['draining', 'draining', 'leased'],
      ['draining'],
      1,
    ]);
  });

  it('closes one that was left changed by a process that died', async () => {
    const lease = await held('acme');
    await pool.renew([{ lease, lifetime, dirty: true }], LEASE_TTL_MS);
    await clock.advance(LEASE_TTL_MS);
    expect(await run()).toEqual({ closed: 1, refused: 0, inUse: 0 });
    expect(api.open).toBe(0);
  });

  it('lets one that the warehouse refuses to close count for as long as it may live', async () => {
    await pool.release(await held('acme'), lifetime);
    api.faults.throttled = 1;
    expect(await run()).toEqual({ closed: 0, refused: 1, inUse: 0 });
    expect(await states()).toEqual(['draining']);
    await clock.advance(lifetime.aliveForMs - 10_000);
    expect(await states()).toEqual(['draining']);
    await clock.advance(10_000);
    expect(await states()).toEqual([]);
  });

  it('ends when it is told', async () => {
    await pool.release(await held('acme'), lifetime);
    expect(await run({ signal: AbortSignal.abort() })).toEqual({ closed: 0, refused: 0, inUse: 0 });
    expect(await states()).toEqual(['idle']);
  });
});
