import { beforeEach, describe, expect, it } from '@jest/globals';
import { HeldLease } from './held-lease.ts';
import { World, storeFails } from './world.fixture.ts';

let world: World;

beforeEach(() => {
  world = new World();
});

const TTL_MS = 30_000;

async function acquire(holder?: string): Promise<HeldLease> {
  const { leases } = world.store;
  const request = { leases, name: 'sweeper', ttlMs: TTL_MS, clock: world.clock };
  const acquired = await HeldLease.acquire({ ...request, ...(holder === undefined ? {} : { holder }) });
  if (!acquired.ok) throw new Error(acquired.reason);
  return acquired.value;
}

describe('a held lease', () => {
  it('is renewed for as long as it is needed, then another may have it at once', async () => {
    const lease = await acquire();
    await world.clock.advance(10 * TTL_MS);
    expect(lease.isHeld).toBe(true);
    expect(world.leaseCalls.filter((call) => call === 'renew')).toHaveLength(40);
    await lease.release();
    expect(lease.isHeld).toBe(false);
    expect(lease.lost.aborted).toBe(false);
    expect((await acquire()).fencingToken).toBeGreaterThan(lease.fencingToken);
  });

  it('outlives failures of the store that are shorter than it', async () => {
    const lease = await acquire();
    let failures = 0;
    world.beforeLease = () => (++failures <= 2 ? storeFails('unavailable') : undefined);
    await world.clock.advance(2 * TTL_MS);
    expect(lease.isHeld).toBe(true);
  });

  it('is lost when it could not be renewed in time, though nobody said so', async () => {
    const lease = await acquire();
    world.beforeLease = () => storeFails('unavailable');
    await world.clock.advance(TTL_MS - 1);
    expect(lease.isHeld).toBe(true);
    await world.clock.advance(1);
    expect(lease.isHeld).toBe(false);
    expect(lease.lost.aborted).toBe(true);
  });

  it('counts from before it was asked for, however late the answer is', async () => {
    const { leases } = world.store;
    const acquired = await HeldLease.acquire({
      leases: {
        ...leases,
        renew: async (...request) => {
          const renewed = await leases.renew(...request);
          if (calls++ > 0) storeFails('unavailable');
          await new Promise<void>((resolve) => world.clock.after(TTL_MS / 2, resolve));
          return renewed;
        },
      },
      name: 'sweeper',
      ttlMs: TTL_MS,
      clock: world.clock,
    });
    let calls = 0;
    if (!acquired.ok) throw new Error(acquired.reason);
    await world.clock.advance(TTL_MS / 4 + TTL_MS - 1);
    expect(acquired.value.isHeld).toBe(true);
    await world.clock.advance(1);
    expect(acquired.value.isHeld).toBe(false);
  });

  it('is lost when the store says so', async () => {
    const lease = await acquire('me');
    const { fencingToken } = lease;
    await world.memory.leases.release({ name: 'sweeper', holder: 'me', fencingToken, expiresAt: 0 });
    expect((await world.memory.leases.acquire('sweeper', 'another', TTL_MS)).ok).toBe(true);
    await world.clock.advance(TTL_MS / 4);
    expect(lease.isHeld).toBe(false);
    expect(lease.lost.aborted).toBe(true);
  });

  it('is asked for again after an answer that got lost, and is the same', async () => {
    let calls = 0;
    const { leases } = world.store;
    const acquired = await HeldLease.acquire({
      leases: {
        ...leases,
        acquire: async (...request) => {
          const answer = await leases.acquire(...request);
          if (++calls === 1) storeFails('timeout');
          return answer;
        },
      },
      name: 'sweeper',
      ttlMs: TTL_MS,
      clock: world.clock,
    });
    expect(acquired.ok).toBe(true);
  });
});

describe('a sweep without its lease', () => {
  it('does not begin while another has it', async () => {
    await world.dead(5);
    await world.memory.leases.acquire('sweeper', 'another', 86_400_000);
    const report = await world.sweep({ targets: ['sessions', 'pool'] });
    expect(report.targets.map(({ ended }) => ended)).toEqual(['lease_held', 'lease_held']);
    expect(report.fencingToken).toBeNull();
    expect(world.swept).toEqual([]);
  });

  it('E-01: does nothing more once another may have it', async () => {
    await world.dead(20);
    world.beforeSweep = async () => {
      if (world.swept.length > 1) return;
      world.beforeLease = (call) => (call === 'renew' ? storeFails('unavailable') : undefined);
      await new Promise<void>((resolve) => world.clock.after(TTL_MS, resolve));
    };
    const report = await world.sweep({ batchSize: 10, leaseTtlMs: TTL_MS });
    expect(report.targets[0]).toMatchObject({ ended: 'lease_lost', batches: 1 });
    expect(world.swept).toHaveLength(1);
  });

  it('E-01: is refused by the store when another came after it, and stops', async () => {
    await world.dead(30);
    let token = 0;
    world.beforeSweep = async ({ fence }) => {
      token = fence?.fencingToken ?? 0;
      if (world.swept.length !== 2) return;
      await world.memory.sweep({ target: 'pool', limit: 1, fence: { lease: 'sweeper', fencingToken: token + 1 } });
    };
    const report = await world.sweep({ batchSize: 10, targets: ['sessions', 'attempts'] });
    expect(report.targets).toMatchObject([
      { ended: 'lease_lost', deleted: 10 },
      { ended: 'lease_lost', deleted: 0 },
    ]);
    expect(await world.due()).toBe(20);
  });

  it('tries again to get it, under one name, when the store fails meanwhile', async () => {
    await world.dead(5);
    let calls = 0;
    world.beforeLease = () => (++calls <= 2 ? storeFails('timeout') : undefined);
    expect((await world.sweep()).targets[0]).toMatchObject({ ended: 'drained', deleted: 5 });
    world.beforeLease = () => storeFails('unavailable');
    expect((await world.sweep()).targets[0]).toMatchObject({ ended: 'failed', failure: { code: 'unavailable' } });
  });
});
