import { beforeEach, describe, expect, it } from '@jest/globals';
import { SessionSweeper } from './session-sweeper.ts';
import { SWEEP_TARGETS } from './options.ts';
import type { SweepProgress } from './report.ts';
import { World, storeFails } from './world.fixture.ts';

let world: World;

beforeEach(() => {
  world = new World();
});

describe('a sweep', () => {
  it('deletes what is dead in bounded batches and says how far behind it was', async () => {
    await world.dead(25, 5000);
    const [live] = await world.sessions(1, 60_000_000);
    const report = await world.sweep({ batchSize: 10 });
    expect(report).toMatchObject({ dryRun: false, deleted: 25, fencingToken: expect.any(Number) });
    expect(report.targets).toEqual([
      {
        target: 'sessions',
        ended: 'drained',
        deleted: 25,
        more: false,
        batches: 3,
        retries: 0,
        durationMs: 50,
        oldestExpiredAgeMs: { before: 5000, after: null },
      },
    ]);
    expect(world.swept.map(({ limit }) => limit)).toEqual([10, 10, 10, 1]);
    expect((await world.memory.sessions.get(live as NonNullable<typeof live>)).ok).toBe(true);
  });

  it('goes over all targets in turn, under one lease that it gives back', async () => {
    await world.memory.leases.acquire('ended', 'somebody', 1000);
    await world.memory.limits.consume({ tenantId: 'acme', name: 'burst' }, { limit: 1, windowMs: 1000 });
    await world.dead(3, 2000);
    const report = await world.sweep({ targets: SWEEP_TARGETS });
    const deleted = report.targets.map(({ target, deleted: rows }) => [target, rows]);
    expect(Object.fromEntries(deleted)).toMatchObject({ sessions: 3, limits: 1, leases: 1, pool: 0 });
    expect(deleted.map(([target]) => target)).toEqual(SWEEP_TARGETS);
    expect(world.leaseCalls).toEqual(['acquire', 'release']);
    expect(new Set(world.swept.map(({ fence }) => fence?.fencingToken))).toEqual(new Set([report.fencingToken]));
  });

  it('W-02: drains a store in which nearly all is dead', async () => {
    await world.sessions(1, 60_000_000);
    await world.dead(500);
    expect((await world.sweep({ batchSize: 7 })).deleted).toBe(500);
    expect(await world.due()).toBe(0);
  });

  it('rests between batches as long as the batch took, at least for the pause', async () => {
    await world.dead(30);
    const sentAt: number[] = [];
    world.beforeSweep = ({ limit }) => {
      if (limit === 10) sentAt.push(world.clock.now());
      return sentAt.length === 1 ? new Promise((resolve) => world.clock.after(400, resolve)) : undefined;
    };
    await world.sweep({ batchSize: 10, pauseMs: 100 });
    expect(sentAt.map((at) => at - (sentAt[0] ?? 0))).toEqual([0, 800, 900]);
  });

  it('leaves the rest when its time is over, and says how far behind it still is', async () => {
    await world.dead(100, 5000);
    const report = await world.sweep({ batchSize: 10, pauseMs: 100, budgetMs: 250 });
    expect(report.targets[0]).toMatchObject({ ended: 'time', more: true, batches: 3, deleted: 30 });
    expect(report.targets[0]?.oldestExpiredAgeMs.after).toBeGreaterThanOrEqual(5000);
    expect(await world.due()).toBe(70);
  });

  it('begins a random while later', async () => {
    await world.dead(1);
    const sweeping = world.sweeper({ jitterMs: 60_000 }, 0.5).run();
    await world.clock.advance(29_999);
    expect(world.leaseCalls).toEqual([]);
    await world.clock.advance(1000);
    expect((await sweeping).deleted).toBe(1);
  });

  it('tells its progress after each batch, and when it has its lease', async () => {
    await world.dead(15);
    const progress: SweepProgress[] = [];
    const leases: unknown[] = [];
    await world.sweep(
      { batchSize: 10 },
      {
        onProgress: (made) => progress.push(made),
        onLease: (held) => void leases.push(held),
        onSwept: async ({ deleted }) => {
          const other = await world.memory.leases.acquire('sweeper', 'another', 1000);
          leases.push([deleted, other.ok]);
        },
      },
    );
    expect(progress).toMatchObject([
      { target: 'sessions', deleted: 10, batches: 1, more: true },
      { target: 'sessions', deleted: 15, batches: 2, more: false },
    ]);
    expect(leases).toEqual([true, [15, false], false]);
  });

  it('counts in a dry run, also while another sweeps, and deletes nothing', async () => {
    await world.dead(12, 5000);
    await world.memory.leases.acquire('sweeper', 'another', 86_400_000);
    const report = await world.sweep({ batchSize: 5 }, { dryRun: true });
    expect(report).toMatchObject({ dryRun: true, deleted: 12, fencingToken: null });
    expect(report.targets[0]).toMatchObject({ ended: 'counted', oldestExpiredAgeMs: { before: 5000, after: 5000 } });
    expect(world.leaseCalls).toEqual([]);
    expect(await world.due()).toBe(12);
  });
});

describe('an abort', () => {
  it('while the lease is told of keeps the sweep from beginning', async () => {
    await world.dead(5);
    const stop = new AbortController();
    const onLease = async (held: boolean): Promise<void> => {
      await new Promise<void>((resolve) => world.clock.after(100, resolve));
      if (held) stop.abort();
    };
    expect((await world.sweep({}, { signal: stop.signal, onLease })).targets[0]).toMatchObject({ ended: 'aborted' });
    expect(world.swept).toEqual([]);
  });

  it('ends the sweep after the batch under way and gives the lease back', async () => {
    await world.dead(30);
    const stop = new AbortController();
    world.beforeSweep = () => stop.abort();
    const report = await world.sweep({ batchSize: 10, targets: ['sessions', 'limits'] }, { signal: stop.signal });
    expect(report.targets).toMatchObject([
      { target: 'sessions', ended: 'aborted', deleted: 10, more: true },
      { target: 'limits', ended: 'aborted', batches: 0 },
    ]);
    expect(world.leaseCalls).toEqual(['acquire', 'release']);
    expect((await world.memory.leases.acquire('sweeper', 'next', 1000)).ok).toBe(true);
  });

  it('does not wait for the end of a pause, nor for that of the jitter', async () => {
    await world.dead(30);
    const stop = new AbortController();
    const sweeping = world.sweeper({ batchSize: 10, pauseMs: 60_000 }).run({ signal: stop.signal });
    await world.clock.advance(10);
    const later = world.sweeper({ jitterMs: 60_000 }, 1).run({ signal: stop.signal });
    stop.abort();
    expect((await sweeping).targets[0]).toMatchObject({ ended: 'aborted', deleted: 10 });
    expect((await later).targets[0]).toMatchObject({ ended: 'aborted', batches: 0 });
    expect(world.clock.pending).toBeLessThanOrEqual(1);
  });
});

describe('a store that fails', () => {
  it('gets the batch again, a few times, ever later', async () => {
    await world.dead(10);
    const sentAt: number[] = [];
    world.beforeSweep = () => {
      sentAt.push(world.clock.now());
      if (sentAt.length <= 3) storeFails('unavailable');
    };
    const report = await world.sweep({ retries: 3, retryDelayMs: 100 });
    expect(report.targets[0]).toMatchObject({ ended: 'drained', deleted: 10, retries: 3 });
    expect(sentAt.slice(0, 4).map((at) => at - (sentAt[0] ?? 0))).toEqual([0, 100, 300, 700]);
  });

  it('ends the target with its reason, and the next one is swept all the same', async () => {
    await world.dead(10);
    world.beforeSweep = ({ target }) => (target === 'limits' ? storeFails('timeout') : undefined);
    const report = await world.sweep({ targets: ['limits', 'sessions'], retries: 2 });
    expect(report.targets).toMatchObject([
      { target: 'limits', ended: 'failed', retries: 2, failure: { code: 'timeout', retryable: true } },
      { target: 'sessions', ended: 'drained', deleted: 10 },
    ]);
    expect((await world.sweep({ targets: ['sessions'] })).targets[0]).toMatchObject({ ended: 'drained' });
  });

  it('is not asked again where that is of no use', async () => {
    world.beforeSweep = () => storeFails('misconfigured');
    const report = await world.sweep();
    expect(report.targets[0]).toMatchObject({ ended: 'failed', retries: 0, failure: { code: 'misconfigured' } });
    expect(world.swept).toHaveLength(1);
  });

  it('counts failures in a row, not over the whole sweep', async () => {
    await world.dead(50);
    let calls = 0;
    world.beforeSweep = () => (++calls % 2 === 1 ? storeFails('throttled') : undefined);
    expect((await world.sweep({ batchSize: 10, retries: 1 })).targets[0]).toMatchObject({ deleted: 50, retries: 5 });
  });

  it('is not hidden when it is a bug', async () => {
    world.beforeSweep = () => {
      throw new TypeError('a bug');
    };
    await expect(world.sweep()).rejects.toThrow('a bug');
    expect(world.leaseCalls).toEqual(['acquire', 'release']);
  });
});

describe('options', () => {
  it.each([
    { batchSize: 0 },
    { batchSize: 100_001 },
    { budgetMs: 0 },
    { leaseTtlMs: 1.5 },
    { targets: [] },
    { targets: ['users' as 'sessions'] },
    { leaseName: '' },
  ])('refuses %j', (options) => {
    expect(() => new SessionSweeper({ store: world.store, options })).toThrow(
      expect.objectContaining({
        name: 'SweeperError',
        message: expect.stringContaining(Object.keys(options)[0] ?? ''),
      }),
    );
  });
});
