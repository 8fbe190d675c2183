import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import type { BudgetRequest, BudgetUsage, Result, StoreBackend } from '@mooring/session-store';
import { HandClock, PATIENT, RawTable, WatchedClient, times } from '../dynamo.fixture.ts';
import { createDynamoStore, createTable } from '../index.ts';

const DAY_MS = 86_400_000;

let dynamo: TestDynamo;
let table: string;
let raw: RawTable;
let namespace = 'a';
let clock: HandClock;
let store: StoreBackend;
let other: StoreBackend;

beforeAll(async () => {
  dynamo = await testDynamo();
  table = dynamo.tableName();
  await createTable({ ...PATIENT, table, endpoint: dynamo.url });
  raw = new RawTable(dynamo.url, table);
});

afterAll(() => dynamo?.stop());

async function inSpace(work: () => Promise<void>): Promise<void> {
  namespace += 'a';
  clock = new HandClock();
  const options = { ...PATIENT, table, endpoint: dynamo.url, namespace, clock };
  [store, other] = await Promise.all([createDynamoStore(options), createDynamoStore(options)]);
  await work();
  await Promise.all([store.close(), other.close()]);
}

function requestOf(index: number): BudgetRequest {
  return {
    tenantId: 'acme',
    scopes: [{ name: 'month', limit: 1_000_000, endsAt: clock.time + 30 * DAY_MS }],
    amount: 10,
    ttlMs: 60_000,
    reservationId: `reservation-${index}`,
  };
}

function accepted<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

const kinds = async (): Promise<Readonly<Record<string, number>>> => {
  const counts: Record<string, number> = {};
  for (const { pk } of await raw.items(namespace)) {
    const kind = pk.split('/')[1] ?? '';
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};

describe('reservations that are over', () => {
  it('move to items of their own, and are answered as before', () =>
    inSpace(async () => {
      const answers: (readonly BudgetUsage[])[] = [];
      for (const index of times(150, (each) => each)) {
        accepted(await store.budgets.reserve(requestOf(index)));
        answers.push(accepted(await store.budgets.settle(requestOf(index), 3)));
      }
      const { budgets = 0, reservation = 0 } = await kinds();
      expect([budgets, reservation >= 75]).toEqual([1, true]);
      for (const index of [0, 40, 80, 149]) {
        for (const client of [other, store]) {
          expect(accepted(await client.budgets.settle(requestOf(index), 9))).toEqual(answers[index]);
          expect(accepted(await client.budgets.release(requestOf(index)))).toEqual(answers[index]);
          expect(accepted(await client.budgets.reserve(requestOf(index))).usage).toEqual(answers[index]);
        }
      }
      expect(await other.budgets.settle(requestOf(999), 1)).toEqual({ ok: false, reason: 'not_found' });
      expect(await store.budgets.usage('acme', ['month'])).toEqual([{ name: 'month', settled: 450, reserved: 0 }]);
    }));

  it('are settled late once, also when they were lost and moved', () =>
    inSpace(async () => {
      for (const index of times(40, (each) => each)) accepted(await store.budgets.reserve(requestOf(index)));
      clock.time += 60_000;
      for (const index of times(100, (each) => 100 + each)) {
        accepted(await store.budgets.reserve(requestOf(index)));
        accepted(await other.budgets.settle(requestOf(index), 1));
      }
      expect((await kinds())['reservation']).toBeGreaterThan(75);
      const late = await Promise.all(
        times(8, (place) => (place % 2 === 0 ? store : other).budgets.settle(requestOf(0), 7 + place)),
      );
      for (const answer of late) expect(answer).toEqual(late[0]);
      const [usage] = await store.budgets.usage('acme', ['month']);
      expect([7, 8, 9, 10, 11, 12, 13, 14].map((actual) => 100 + actual)).toContain(usage?.settled);
      accepted(await other.budgets.release(requestOf(1)));
      expect(await store.budgets.usage('acme', ['month'])).toEqual([usage]);
    }));

  it('stay here when they are settled late while they are about to move', () =>
    inSpace(async () => {
      accepted(await store.budgets.reserve(requestOf(0)));
      clock.time += 60_000;
      const [watched, failing] = [new WatchedClient(dynamo.url), new WatchedClient(dynamo.url)];
      const options = { ...PATIENT, table, namespace, clock };
      // Who settles late moves nothing itself.
      failing.client.middlewareStack.add(
        (next) => (args) => {
          if ('RequestItems' in args.input) throw new Error('gone');
          return next(args);
        },
        { step: 'build' },
      );
      const settling = await createDynamoStore({ ...options, client: failing.client });
      let late: readonly BudgetUsage[] | undefined;
      watched.client.middlewareStack.add(
        (next) => async (args) => {
          if (watched.sent.at(-1) === 'PutItem') late ??= accepted(await settling.budgets.settle(requestOf(0), 7));
          return next(args);
        },
        { step: 'build' },
      );
      const moving = await createDynamoStore({ ...options, client: watched.client });
      for (const index of times(80, (each) => 1 + each)) {
        accepted(await moving.budgets.reserve(requestOf(index)));
        accepted(await moving.budgets.settle(requestOf(index), 1));
      }
      const [before] = await store.budgets.usage('acme', ['month']);
      expect([late?.length, before?.settled]).toEqual([1, 87]);
      expect(accepted(await store.budgets.settle(requestOf(0), 9))).toEqual(late);
      expect(await store.budgets.usage('acme', ['month'])).toEqual([before]);
      await Promise.all([moving.close(), settling.close()]);
      watched.close();
      failing.close();
    }));

  it('leave the document at a size that does not grow', () =>
    inSpace(async () => {
      const sizes: number[] = [];
      for (const index of times(240, (each) => each)) {
        accepted(await store.budgets.reserve(requestOf(index)));
        accepted(await store.budgets.settle(requestOf(index), 3));
        if (index % 80 !== 79) continue;
        const doc = (await raw.items(namespace)).find(({ pk }) => pk.includes('/budgets/'))?.['doc'];
        sizes.push((doc as Uint8Array | string).length);
      }
      expect(Math.max(...sizes)).toBeLessThan(4096);
    }));

  it('are forgotten with their period', () =>
    inSpace(async () => {
      accepted(await store.budgets.reserve(requestOf(0)));
      accepted(await store.budgets.settle(requestOf(0), 3));
      clock.time += 30 * DAY_MS + 3_600_000;
      accepted(await store.budgets.reserve(requestOf(1)));
      expect(await store.budgets.settle(requestOf(0), 1)).toEqual({ ok: false, reason: 'not_found' });
      expect(await store.budgets.usage('acme', ['month'])).toEqual([{ name: 'month', settled: 0, reserved: 10 }]);
    }));
});
