import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import type { ClientProcess } from '@mooring/services';
import { countDue, countLive, createSessions } from '@mooring/session-store-testkit';
import { startServer, until } from './servers.fixture.ts';
import type { Server } from './servers.fixture.ts';
import type { SweepReport } from './report.ts';
import type { SweepingProcess } from './sweeping-process.fixture.ts';

type Sweeper = ClientProcess<SweepingProcess>;

const OPTIONS = { targets: ['sessions'], batchSize: 50, pauseMs: 10, leaseTtlMs: 120_000 } as const;
/** More than there are. */
const ALL = 10_000;

const endOf = (report: SweepReport | undefined): string | undefined => report?.targets[0]?.ended;

/** As a worker would: asks again while another has the lease. */
async function sweepInTurn({ store }: Sweeper): Promise<SweepReport> {
  for (;;) {
    const report = await store.sweep();
    if (endOf(report) !== 'lease_held') return report;
    await setTimeout(20);
  }
}

describe.each(['postgres', 'redis'] as const)('processes on one %s', (kind) => {
  let server: Server;

  beforeAll(async () => {
    server = await startServer(kind);
  });

  afterEach(() => server.killSweepers());
  afterAll(() => server?.stop());

  it('five sweep one at a time; one is killed in mid-sweep and another takes over when its lease is over', async () => {
    const { place, store } = await server.place();
    const sweepers = await Promise.all(Array.from({ length: 5 }, () => server.sweeper(place, OPTIONS)));
    const live = await createSessions(store, 100, 600_000);
    await createSessions(store, 2000, 1);
    const sweeps = sweepers.map((sweeper) => sweepInTurn(sweeper).catch(() => undefined));
    let victim: Sweeper | undefined;
    await until(async () => {
      const deleted = await Promise.all(sweepers.map((sweeper) => sweeper.store.deleted()));
      victim = sweepers.find((_, index) => (deleted[index] ?? 0) > 0);
      return victim !== undefined;
    });
    void victim?.store.goOn(5).catch(() => undefined);
    await victim?.kill();
    const left = await countDue(store);
    expect(left).toBeGreaterThan(0);
    expect((await store.leases.acquire('sweeper', 'too early', 1000)).ok).toBe(false);
    const others = sweepers.filter((sweeper) => sweeper !== victim);
    for (const { store: its } of others) {
      await its.goOn(ALL);
      await its.advance(OPTIONS.leaseTtlMs);
    }

    const reports = (await Promise.all(sweeps)).filter((report) => report !== undefined);
    expect(reports.map(endOf)).toEqual(['drained', 'drained', 'drained', 'drained']);
    const [taker = 0, ...rest] = reports.map(({ deleted }) => deleted).sort((a, b) => b - a);
    // The server may have done a batch that was under way after they were counted.
    expect(taker).toBeGreaterThanOrEqual(left - OPTIONS.batchSize);
    expect(rest).toEqual([0, 0, 0]);
    expect(await countDue(store)).toBe(0);
    expect(await countLive(store, live)).toBe(live.length);
  });

  it('E-01: one that was stopped for longer than its lease writes nothing when it goes on', async () => {
    const { place, store } = await server.place();
    const [stale, next] = await Promise.all([server.sweeper(place, OPTIONS), server.sweeper(place, OPTIONS)]);
    await createSessions(store, 1500, 1);
    const stopped = stale.store.sweep();
    await until(async () => (await stale.store.deleted()) > 0);
    const goesOn = stale.store.goOn(5);
    process.kill(stale.pid, 'SIGSTOP');
    await next.store.goOn(ALL);
    await next.store.advance(OPTIONS.leaseTtlMs);
    expect(endOf(await sweepInTurn(next))).toBe('drained');
    expect(await countDue(store)).toBe(0);
    await createSessions(store, 300, 1);
    await until(async () => (await countDue(store)) === 300);
    process.kill(stale.pid, 'SIGCONT');
    await goesOn;
    await stale.store.goOn(ALL);
    expect(endOf(await stopped)).toBe('lease_lost');
    expect(await countDue(store)).toBe(300);
  });
});
