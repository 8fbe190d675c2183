import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import type { StoreBackend, SweepBatch } from '@mooring/session-store';
import { PATIENT, HandClock, RawTable, WatchedClient, newSession, times } from './dynamo.fixture.ts';
import { createDynamoStore, createTable } from './index.ts';

let dynamo: TestDynamo;
let table: string;
let raw: RawTable;
let namespaces = 0;

beforeAll(async () => {
  dynamo = await testDynamo();
  table = dynamo.tableName();
  await createTable({ ...PATIENT, table, endpoint: dynamo.url });
  raw = new RawTable(dynamo.url, table);
});

afterAll(() => dynamo?.stop());

interface Space {
  readonly namespace: string;
  readonly clock: HandClock;
  readonly store: StoreBackend;
  readonly sessions: () => Promise<number>;
}

async function inSpace(work: (space: Space) => Promise<void>): Promise<void> {
  const namespace = `sweep-${++namespaces}`;
  const clock = new HandClock();
  const store = await createDynamoStore({ ...PATIENT, table, endpoint: dynamo.url, namespace, clock });
  const sessions = async () => (await raw.items(namespace)).filter(({ pk }) => pk.includes('/session/')).length;
  await work({ namespace, clock, store, sessions });
  await store.close();
}

async function swept(store: StoreBackend, limit: number): Promise<SweepBatch> {
  const batch = await store.sweep({ target: 'sessions', limit });
  if (!batch.ok) throw new Error(batch.reason);
  return batch.value;
}

describe('a sweep of sessions', () => {
  it('deletes all that is dead, in batches, over all tenants', () =>
    inSpace(async ({ store, clock, sessions }) => {
      await Promise.all(
        times(200, (index) =>
          store.sessions.create(
            newSession({ tenantId: `t-${index % 3}`, subjectId: index % 5 === 0 ? null : `s-${index}` }),
          ),
        ),
      );
      const live = newSession({ idleTimeoutMs: 600_000 });
      await store.sessions.create(live);
      clock.time += 60_250;
      const batches: SweepBatch[] = [];
      do batches.push(await swept(store, 70));
      while (batches.at(-1)?.more === true);
      expect(batches.map(({ deleted, oldestExpiredAgeMs }) => [deleted, oldestExpiredAgeMs])).toEqual([
        [70, 250],
        [70, 250],
        [60, 250],
      ]);
      expect(await sessions()).toBe(1);
      expect(await swept(store, 70)).toEqual({ deleted: 0, more: false, oldestExpiredAgeMs: null });
    }));

  it('finds more than one page of the index in each shard', () =>
    inSpace(async ({ store, clock, sessions }) => {
      const ids = times(250, (index) => `${String(index).padStart(17, 'x')}a`);
      await Promise.all(ids.map((id) => store.sessions.create(newSession({ subjectId: null, id }))));
      clock.time += 60_000;
      expect(await swept(store, 1000)).toMatchObject({ deleted: 250, more: false });
      expect(await sessions()).toBe(0);
    }));

  it('keeps a tombstone until its absolute deadline, then deletes it', () =>
    inSpace(async ({ store, clock, sessions }) => {
      const session = newSession();
      await store.sessions.create(session);
      await store.sessions.revoke(session, 'logout');
      clock.time += 3_599_999;
      expect((await swept(store, 10)).deleted).toBe(0);
      expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
      clock.time += 1;
      expect((await swept(store, 10)).deleted).toBe(1);
      expect(await sessions()).toBe(0);
    }));

  it('looks again when a session that was touched may be dead, not each time', () =>
    inSpace(async ({ store, clock, namespace }) => {
      const session = newSession();
      await store.sessions.create(session);
      const dueAt = async () => (await raw.items(namespace)).find(({ sk }) => sk === session.id)?.['dueAt'];
      const first = await dueAt();
      clock.time += 30_000;
      await store.sessions.touch(session);
      expect(await dueAt()).toBe(first);
      clock.time += 45_000;
      expect((await swept(store, 10)).deleted).toBe(0);
      expect(await dueAt()).toBe(clock.time + 15_000);
      const watched = new WatchedClient(dynamo.url);
      const other = await createDynamoStore({ ...PATIENT, table, client: watched.client, namespace, clock });
      const sent = await watched.during(() => swept(other, 10));
      expect(new Set(sent)).toEqual(new Set(['Query']));
      await other.close();
      watched.close();
    }));

  it('W-01: does not delete what is touched just before, by a process whose clock is behind', () =>
    inSpace(async ({ store, clock, namespace }) => {
      const session = newSession();
      await store.sessions.create(session);
      const ahead = new HandClock(clock.time + 60_000);
      clock.time += 59_000;
      const watched = new WatchedClient(dynamo.url);
      watched.client.middlewareStack.add(
        (next) => async (args) => {
          if ('TableName' in args.input && watched.sent.at(-1) === 'BatchGetItem') await store.sessions.touch(session);
          return next(args);
        },
        { step: 'build' },
      );
      const sweeper = await createDynamoStore({ ...PATIENT, table, client: watched.client, namespace, clock: ahead });
      expect(await swept(sweeper, 10)).toEqual({ deleted: 0, more: false, oldestExpiredAgeMs: null });
      expect(watched.sent.slice(-1)).toEqual(['DeleteItem']);
      expect((await store.sessions.get(session)).ok).toBe(true);
      await sweeper.close();
      watched.close();
    }));

  it('is never late for a session whose idle timeout was made shorter', () =>
    inSpace(async ({ store, clock }) => {
      const session = newSession({ idleTimeoutMs: 600_000 });
      await store.sessions.create(session);
      await store.sessions.update(session, 1, { idleTimeoutMs: 1000 });
      clock.time += 1000;
      expect((await swept(store, 10)).deleted).toBe(1);
    }));

  it(
    'looks at a bounded number of live ones at a time, and goes on with the next call',
    () =>
      inSpace(async ({ store, clock }) => {
        const ids = times(1050, (index) => `${String(index).padStart(17, 'x')}a`);
        for (const first of times(10, (index) => 105 * index)) {
          const some = ids.slice(first, first + 105);
          await Promise.all(some.map((id) => store.sessions.create(newSession({ subjectId: null, id }))));
        }
        clock.time += 30_000;
        for (const first of times(10, (index) => 105 * index)) {
          const some = ids.slice(first, first + 105);
          await Promise.all(some.map((id) => store.sessions.touch({ tenantId: 'acme', id })));
        }
        clock.time += 30_000;
        expect(await swept(store, 100)).toEqual({ deleted: 0, more: true, oldestExpiredAgeMs: null });
        expect(await swept(store, 100)).toEqual({ deleted: 0, more: false, oldestExpiredAgeMs: null });
      }),
    600_000,
  );

  it('leaves a record alone for a day that it can not read', () =>
    inSpace(async ({ store, clock, namespace }) => {
      const session = newSession();
      await store.sessions.create(session);
      await raw.changeSession(namespace, session, 'SET idleAt = :text', { ':text': 'soon' });
      clock.time += 7_200_000;
      for (let round = 0; round < 2; round++) expect(await swept(store, 10)).toMatchObject({ deleted: 0, more: false });
      const [item] = await raw.items(namespace);
      expect(item?.['dueAt']).toBe(clock.time + 86_400_000);
    }));
});

describe('the time to live', () => {
  it('of every item is a whole second, an hour and more after the last deadline in it', () =>
    inSpace(async ({ store, clock, namespace }) => {
      clock.time += 123;
      const session = newSession({ idleTimeoutMs: 1500, lifetimeMs: 10_001 });
      await store.sessions.create(session);
      await store.limits.consume({ tenantId: 't', name: 'n' }, { limit: 1, windowMs: 1501 });
      const policy = { limit: 1, windowMs: 1000, lockStepsMs: [5001], resetAfterMs: 7001 };
      await store.attempts.recordFailure('t', [{ scope: 'ip', value: 'a', policy }]);
      const scopes = [{ name: 's', limit: 10, endsAt: clock.time + 90_001 }];
      await store.budgets.reserve({ tenantId: 't', scopes, amount: 1, ttlMs: 1001, reservationId: 'r' });
      await store.leases.acquire('l', 'a', 1001);
      const key = { target: 'w', tenantId: 't', identity: 'i' };
      const caps = { maxPerKey: 1, maxPerTarget: 1, leaseTtlMs: 1001, aliveForMs: 2002 };
      await store.pool.acquire({ key, holder: 'a', leaseId: 'l', ...caps });
      await store.sessions.create(newSession({ subjectId: 'bob' }), { maxPerSubject: 2 });
      await store.sessions.revokeWhere({ tenantId: 't', subjectId: 's' }, 'everywhere');
      const lasting: Readonly<Record<string, number>> = {
        session: 1500,
        limit: 1501,
        attempt: 12_002,
        budgets: 90_001,
        lease: 1001,
        pool: 3003,
        claims: 30_000,
        cutoff: 0,
      };
      const items = await raw.items(namespace);
      expect(new Set(items.map(({ pk }) => pk.split('/')[1]))).toEqual(new Set(Object.keys(lasting)));
      for (const { pk, collectAt } of items) {
        const kind = pk.split('/')[1] ?? '';
        const least = (clock.time + (lasting[kind] ?? 0)) / 1000 + 3600;
        expect([kind, Number.isInteger(collectAt), Number(collectAt) >= least]).toEqual([kind, true, true]);
        expect([kind, Number(collectAt) <= least + 86_400]).toEqual([kind, true]);
      }
    }));

  it('of a session moves with its touches, never past an end', () =>
    inSpace(async ({ store, clock, namespace }) => {
      const session = newSession({ idleTimeoutMs: 100_000, lifetimeMs: 250_000 });
      await store.sessions.create(session);
      const collectAt = async () => Number((await raw.items(namespace))[0]?.['collectAt']);
      const first = await collectAt();
      clock.time += 90_000;
      await store.sessions.touch(session);
      expect(await collectAt()).toBe(first + 90);
      await store.sessions.revoke(session, 'logout');
      expect(await collectAt()).toBe(first + 150);
    }));
});
