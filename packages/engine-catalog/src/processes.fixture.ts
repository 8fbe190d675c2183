import { expect, it } from '@jest/globals';
import type { ClientProcess } from '@mooring/services';
import type { DurableCatalog } from './index.ts';
import { eventOf, keyOf, recordOf, times } from './samples.fixture.ts';

export type Client = ClientProcess<DurableCatalog>;

export interface Processes {
  /** Two that run. */
  readonly clients: () => readonly [Client, Client];
  readonly start: () => Promise<Client>;
  /** Checks that whatever is on the disk is sound. */
  readonly check?: () => void;
}

/** Starts so many at once. Where one does not start, none is left running. */
export async function startAll(count: number, start: () => Promise<Client>): Promise<Client[]> {
  const started = await Promise.allSettled(times(count, start));
  const clients = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed === undefined) return clients;
  await Promise.all(clients.map((client) => client.kill()));
  throw failed.reason;
}

/** What processes that share a catalog may rely on. */
export function processConformance({ clients, start, check }: Processes): void {
  /** Call n goes to process n mod 2; all of them at once. */
  const onBoth = <T>(count: number, call: (store: DurableCatalog, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(times(count, (index) => call(clients()[index % 2 === 0 ? 0 : 1].store, index)));

  it('of 50 creations of a key at once, one wins, and its record is there', async () => {
    const results = await onBoth(50, (store, index) =>
      store.create(keyOf('created'), recordOf('created', { ownerId: `u${index}` })),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const ownerId = `u${results.findIndex(({ ok }) => ok)}`;
    expect(await onBoth(2, (store) => store.get(keyOf('created')))).toEqual([
      recordOf('created', { ownerId }),
      recordOf('created', { ownerId }),
    ]);
  });

  it('of 50 replacements of a version at once, one wins, and its record is there', async () => {
    await clients()[0].store.create(keyOf('replaced'), recordOf('replaced'));
    const results = await onBoth(50, (store, index) =>
      store.replace(keyOf('replaced'), 1, recordOf('replaced', { version: 2, ownerId: `u${index}` })),
    );
    const lost = results.filter(({ ok }) => !ok);
    expect(lost).toEqual(times(49, () => ({ ok: false, reason: 'changed' })));
    const ownerId = `u${results.findIndex(({ ok }) => ok)}`;
    expect(await clients()[1].store.get(keyOf('replaced'))).toEqual(recordOf('replaced', { version: 2, ownerId }));
  });

  it('of 50 removals of a version at once, one wins', async () => {
    await clients()[0].store.create(keyOf('removed'), recordOf('removed'));
    const results = await onBoth(50, (store) => store.remove(keyOf('removed'), 1));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(new Set(results.map((result) => (result.ok ? 'ok' : result.reason)))).toEqual(new Set(['ok', 'not_found']));
  });

  it('each of 100 counts up by one, however often they collide', async () => {
    await clients()[0].store.create(keyOf('counted'), recordOf('counted'));
    await onBoth(20, async (store) => {
      for (let done = 0; done < 5;) {
        const version = (await store.get(keyOf('counted')))?.version ?? 0;
        const result = await store.replace(
          keyOf('counted'),
          version,
          recordOf('counted', { version: version + 1, updatedAt: version + 1 }),
        );
        if (result.ok) done += 1;
      }
    });
    expect(await clients()[1].store.get(keyOf('counted'))).toMatchObject({ version: 101, updatedAt: 101 });
  });

  it('each event is kept once, and pruned once', async () => {
    await onBoth(40, (store, index) => store.audit.record(eventOf(index, { tenantId: 'audited' })));
    const kept = await clients()[0].store.audit.recent('audited', 100);
    expect(kept.map(({ at }) => at)).toEqual(times(40, (index) => 39 - index));
    const pruned = await onBoth(10, (store) => store.audit.prune({ olderThan: 30, limit: 7 }));
    expect(pruned.reduce((sum, { deleted }) => sum + deleted, 0)).toBe(30);
  });

  it('what a process that is killed while it writes has acknowledged is there', async () => {
    for (let round = 0; round < 3; round += 1) {
      const writer = await start();
      const enough = 20 + 7 * round;
      const names: string[] = [];
      const events: number[] = [];
      const writing = times(4, async (lane) => {
        for (let index = 0; ; index += 1) {
          const name = `t${round}_${lane}_${index}`;
          await writer.store.create(keyOf(name, 'killed'), recordOf(name, { tenantId: 'killed' }));
          names.push(name);
          const at = round * 1_000_000 + lane * 100_000 + index;
          await writer.store.audit.record(eventOf(at, { tenantId: 'killed' }));
          events.push(at);
          if (names.length > enough) await writer.kill();
        }
      });
      expect((await Promise.allSettled(writing)).map(({ status }) => status)).toEqual(times(4, () => 'rejected'));
      await writer.kill();
      expect(names.length).toBeGreaterThan(enough);
      const { store } = clients()[0];
      const there = new Set((await store.list('killed', 'table')).map(({ name }) => name));
      expect(names.filter((name) => !there.has(name))).toEqual([]);
      const recorded = new Set((await store.audit.recent('killed', 10_000)).map(({ at }) => at));
      expect(events.filter((at) => !recorded.has(at))).toEqual([]);
      check?.();
    }
  });
}
