import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFaultProxy, testDynamo } from '@mooring/services';
import type { FaultProxy, TestDynamo } from '@mooring/services';
import type { StoreBackend } from '@mooring/session-store';
import { PATIENT, RawTable, eventually, times } from './dynamo.fixture.ts';
import { FaultyEndpoint } from './faulty-endpoint.fixture.ts';
import { createDynamoStore, createTable } from './index.ts';

const POLICY = { limit: 9999, windowMs: 600_000, lockStepsMs: [1000], resetAfterMs: 600_000 };
const ACCOUNT = [{ scope: 'account', value: 'ann', policy: POLICY }] as const;

interface Call {
  readonly name: string;
  readonly make: (store: StoreBackend, number: number) => Promise<unknown>;
  /** How many calls were counted. */
  readonly counted: (store: StoreBackend) => Promise<number | undefined>;
}

const rule = (limit: number) => ({ limit, windowMs: 600_000 });
const key = (name: string) => ({ tenantId: 'acme', name });

const CALLS: readonly Call[] = [
  {
    name: 'recordFailure',
    make: (store) => store.attempts.recordFailure('acme', ACCOUNT),
    counted: async (store) => (await store.attempts.check('acme', ACCOUNT)).states[0]?.failures,
  },
  {
    name: 'consume',
    make: (store) => store.limits.consume(key('plain'), rule(9999)),
    counted: async (store) => 9999 - (await store.limits.peek(key('plain'), rule(9999))).remaining,
  },
  {
    name: 'consume with an id',
    make: (store, number) => store.limits.consume(key('named'), rule(9999), { id: `${number}` }),
    counted: async (store) => 9999 - (await store.limits.peek(key('named'), rule(9999))).remaining,
  },
  {
    name: 'reserve',
    make: (store, number) =>
      store.budgets.reserve({
        tenantId: 'acme',
        scopes: [{ name: 'month', limit: 100_000, endsAt: Date.now() + 600_000 }],
        amount: 1,
        ttlMs: 600_000,
        reservationId: `${number}`,
      }),
    counted: async (store) => (await store.budgets.usage('acme', ['month']))[0]?.reserved,
  },
];

let dynamo: TestDynamo;
let table: string;
let raw: RawTable;
let line: FaultProxy;
let near: StoreBackend;
let far: StoreBackend;

beforeAll(async () => {
  dynamo = await testDynamo();
  table = dynamo.tableName();
  await createTable({ ...PATIENT, table, endpoint: dynamo.url });
  raw = new RawTable(dynamo.url, table);
  line = await startFaultProxy({ target: dynamo.url });
});

afterAll(async () => {
  await line?.close();
  await dynamo?.stop();
});

async function inSpace(namespace: string, work: () => Promise<void>, limits = PATIENT): Promise<void> {
  const options = { ...limits, table, namespace };
  near = await createDynamoStore({ ...options, endpoint: dynamo.url });
  far = await createDynamoStore({ ...options, endpoint: line.url(dynamo.url) });
  await work();
  await Promise.all([near.close(), far.close()]);
}

describe.each(CALLS)('$name', ({ name, make, counted }) => {
  it('by 64 callers of two clients succeeds and counts each', () =>
    inSpace('crowd', async () => {
      line.heal();
      await Promise.all(times(64, (index) => make(index % 2 === 0 ? near : far, index)));
      expect(await counted(near)).toBe(64);
    }));

  it('by a client far away succeeds beside a near one that never pauses', () =>
    inSpace('far', async () => {
      line.delay(40);
      let made = 0;
      let isOver = false;
      const busy = async (): Promise<void> => {
        while (!isOver) await make(near, made++);
      };
      const running = busy();
      try {
        for (const index of times(5, (each) => each)) await make(far, 1_000_000 + index);
      } finally {
        isOver = true;
        await running;
      }
      expect(made).toBeGreaterThan(5);
      expect(await counted(near)).toBe(made + 5);
    }));

  // It waits for a tenth of the limit.
  it('waits for a process whose turn it is, and not for ever', () =>
    inSpace(
      `ended ${name}`,
      async () => {
        await make(near, 1);
        const [item] = await raw.items(`ended ${name}`);
        if (item === undefined) throw new Error('no item');
        await raw.change(item, 'SET turn = :turn, stamp = :turn', { ':turn': 'of one that ended' });
        const began = performance.now();
        await make(near, 2);
        expect(performance.now() - began).toBeGreaterThan(900);
        expect(await counted(near)).toBe(2);
        expect((await raw.items(`ended ${name}`)).some((each) => 'turn' in each)).toBe(false);
      },
      { requestTimeoutMs: 10_000 },
    ));
});

it('a turn is passed on by a call that changes nothing after all', () =>
  inSpace('passed', async () => {
    const service = await FaultyEndpoint.start(dynamo.url);
    const store = await createDynamoStore({ ...PATIENT, table, endpoint: service.url, namespace: 'passed' });
    const [named, limit] = [key('named'), rule(4)];
    await store.limits.consume(named, limit, { id: 'own' });
    let others = 0;
    const first = () => near.limits.consume(named, limit, { id: `${others++}` });
    service.next({ of: 'UpdateItem', times: 3, first });
    expect((await store.limits.consume(named, limit, { id: 'late' })).allowed).toBe(false);
    const sent = await eventually(
      async () => service.arrived.slice(2),
      ({ length }) => length === 6,
    );
    expect(sent.map((each) => each.slice(0, 3)).join(' ')).toBe('Upd Get Upd Get Upd Upd');
    const items = await eventually(
      () => raw.items('passed'),
      (found) => found.every((each) => !('turn' in each)),
    );
    expect(items).toHaveLength(1);
    await store.close();
    await service.close();
  }));
