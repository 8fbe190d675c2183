import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { startFaultProxy } from '@mooring/services';
import type { SessionRef, StoreBackend } from '@mooring/session-store';
import { countDue, countLive, createSessions } from '@mooring/session-store-testkit';
import { SessionSweeper } from './session-sweeper.ts';
import { startServer, until } from './servers.fixture.ts';
import type { Server } from './servers.fixture.ts';
import { AheadClock, openPlace } from './sweeping-process.fixture.ts';

const IDLE_MS = 100;

/**
 * Uses sessions until `over`, each at any time before its deadline, and another one when that was missed. Answers how many
 * sessions were gone before their deadline.
 */
async function use(store: StoreBackend, over: () => boolean, used: () => void): Promise<number> {
  let lost = 0;
  while (!over()) {
    const [ref] = (await createSessions(store, 1, IDLE_MS)) as [SessionRef];
    for (let deadline = 0; !over(); used()) {
      await setTimeout(Math.random() * IDLE_MS);
      const touched = await store.sessions.touch(ref);
      if (!touched.ok) {
        if (((await store.ping()).serverTime ?? 0) < deadline) lost += 1;
        break;
      }
      deadline = touched.value.session.idleExpiresAt;
    }
  }
  return lost;
}

describe.each(['postgres', 'redis'] as const)('sweeps of one %s', (kind) => {
  let server: Server;

  beforeAll(async () => {
    server = await startServer(kind);
  });

  afterAll(() => server?.stop());

  it('W-01: two at once do not wait for each other, and delete nothing that is in use', async () => {
    const { place, store } = await server.place();
    const second = await openPlace(place);
    const options = { targets: ['sessions'], batchSize: 25, pauseMs: 0 } as const;
    let uses = 0;
    const begun = new Set<string>();
    // Neither goes on alone, nor while nobody uses a session.
    const together = (backend: StoreBackend, leaseName: string): SessionSweeper => {
      const swept: StoreBackend['sweep'] = async (request) => {
        const batch = await backend.sweep(request);
        begun.add(leaseName);
        await until(async () => begun.size === 2 && uses > 8);
        return batch;
      };
      return new SessionSweeper({
        store: { leases: backend.leases, sweep: swept },
        options: { ...options, leaseName },
      });
    };
    const sweepers = [together(store, 'one'), together(second, 'other')];
    await createSessions(store, 1500, 1);
    let running = sweepers.length;
    const users = Array.from({ length: 8 }, (_, index) =>
      use(
        index % 2 === 0 ? store : second,
        () => running === 0,
        () => (uses += 1),
      ),
    );
    const reports = await Promise.all(sweepers.map((sweeper) => sweeper.run().finally(() => (running -= 1))));
    expect(reports.map(({ targets }) => targets[0])).toMatchObject([
      { ended: 'drained', retries: 0 },
      { ended: 'drained', retries: 0 },
    ]);
    expect(reports.reduce((sum, { deleted }) => sum + deleted, 0)).toBeGreaterThanOrEqual(1500);
    expect(Math.min(...reports.map(({ deleted }) => deleted))).toBeGreaterThan(0);
    const lost = await Promise.all(users);
    expect(lost.reduce((sum, one) => sum + one, 0)).toBe(0);
    await second.close();
  });

  it('E-01: a batch that was under way when the lease was lost is refused by the store', async () => {
    const { place, store } = await server.place();
    const line = await startFaultProxy({ target: place.url });
    const slow = await openPlace({ ...place, url: line.url(place.url) });
    const later = new AheadClock();
    const next = await openPlace(place, later);
    const live = await createSessions(store, 10, 600_000);
    await createSessions(store, 200, 1);
    const options = { targets: ['sessions'], batchSize: 10, pauseMs: 0, leaseTtlMs: 120_000 } as const;
    let batches = 0;
    const stale = new SessionSweeper({ store: slow, options }).run({
      onProgress: () => {
        batches += 1;
        if (batches === 2) line.hang();
      },
    });
    await until(async () => batches === 2);
    const left = await countDue(store);
    expect((await next.leases.acquire('sweeper', 'next', 1000)).ok).toBe(false);
    later.advance(options.leaseTtlMs);
    expect((await next.leases.acquire('sweeper', 'next', 1000)).ok).toBe(true);
    line.heal();
    const report = await stale;
    expect(report.targets[0]).toMatchObject({ ended: 'lease_lost', deleted: 20, batches: 2 });
    expect([left, await countDue(store)]).toEqual([180, 180]);
    expect(await countLive(store, live)).toBe(live.length);
    await next.close();
    await slow.close();
    await line.close();
  });
});
