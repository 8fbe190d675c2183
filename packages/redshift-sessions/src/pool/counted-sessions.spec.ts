import { beforeEach, describe, expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import type { PoolSlot, SessionPoolStore } from '@mooring/session-store';
import { ManualClock, replaced } from '@mooring/session-store-testkit';
import { SimulatedWarehouse } from '@mooring/simulation';
import { createMemoryStore } from '@mooring/store-memory';
import { DataApiError } from '../data-api/data-api-error.ts';
import type { WarehouseOptions } from '../options.ts';
import { Warehouse } from '../warehouse.ts';

const target = { clusterIdentifier: 'main', database: 'dev', dbUser: 'ann' };
const options = { leaseTtlMs: 15_000, statementTimeoutMs: 120_000, keepAliveSeconds: 600, reapDelayMs: 60_000 };
/** How long a session may be open after a process that has just leased it was last heard of. */
const LONGEST_MS = 15_000 + 120_000 + 600_000 + 60_000;

let clock: ManualClock;
let api: SimulatedWarehouse;
let store: SessionPoolStore;

beforeEach(() => {
  clock = new ManualClock();
  api = new SimulatedWarehouse(clock, () => 0.5);
  store = createMemoryStore({ clock }).pool;
});

const open = (given: Partial<WarehouseOptions> = {}, pool = store): Warehouse =>
  new Warehouse({ api, pool, clock, options: { ...options, ...given } });

/** A statement that is accepted and ended when the clock stands still again, or will fail. */
const start = (warehouse: Warehouse, ms = 0): Promise<unknown> => {
  const ended = warehouse.execute({ tenantId: 'acme', target, sql: `select ann ${ms}` }).then((one) => one.wait());
  ended.catch(() => undefined);
  return ended;
};

const slot = async (): Promise<PoolSlot | undefined> => {
  const { items } = await store.list({ target: 'us-east-1/cluster/main' }, { limit: 1 });
  return items[0];
};

/** The store of a process that is not heard of any more after its calls of this kind. */
const silentAfter = (last: string): SessionPoolStore => {
  let silent = false;
  return new Proxy(store, {
    get(pool, name) {
      const member: unknown = Reflect.get(pool, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        if (silent) throw new StoreError({ code: 'unavailable', message: 'x', backend: 'x', operation: String(name) });
        silent = name === last;
        return (member as (...all: unknown[]) => Promise<unknown>).apply(pool, args);
      };
    },
  });
};

describe('a process that dies', () => {
  it('before it says that it uses an idle session leaves that counted while it may be open', async () => {
    const first = open();
    void start(first);
    await clock.advance(2_000);
    await first.close();
    expect(await slot()).toMatchObject({ state: 'idle' });
    const takenAt = clock.now();
    void start(open({}, silentAfter('acquire')));
    await clock.advance(2_000);
    expect((await slot())?.aliveUntil).toBeGreaterThanOrEqual(takenAt + LONGEST_MS);
    expect(api.opened).toBe(1);
  });

  it('while it opens a session leaves the slot counted while that may be open', async () => {
    const askedAt = clock.now();
    void start(open({}, silentAfter('acquire')), 60_000);
    await clock.advance(2_000);
    expect(api.open).toBe(1);
    expect(await slot()).toMatchObject({ sessionId: null });
    expect((await slot())?.aliveUntil).toBeGreaterThanOrEqual(askedAt + LONGEST_MS);
  });
});

describe('a statement that goes on beyond its time limit', () => {
  it('does not make its session look unused', async () => {
    api.cancel = async () => undefined;
    const warehouse = open({ keepAliveSeconds: 10, keepAliveMarginMs: 0, reapDelayMs: 0, statementTimeoutMs: 1_000 });
    void start(warehouse, 50_000);
    await clock.advance(45_000);
    expect(api.open).toBe(1);
    expect(await slot()).toMatchObject({ state: 'leased' });
    expect(warehouse.heldSessions).toBe(1);
  });
});

describe('a session whose lease has ended', () => {
  it('is told nothing more', async () => {
    const warehouse = open({}, silentAfter('renew'));
    const opening = warehouse.openSession({ tenantId: 'acme', target });
    await clock.advance(2_000);
    const session = await opening;
    await clock.advance(20_000);
    const { calls } = api;
    const closing = session.close();
    await clock.advance(2_000);
    await closing;
    expect(api.calls).toBe(calls);
    expect(warehouse.heldSessions).toBe(0);
  });
});

describe('a slot whose lease is over when it is heard of', () => {
  it('has no session opened in it', async () => {
    let asked = 0;
    const late = replaced<SessionPoolStore>(store, {
      acquire: async (request) => {
        asked += 1;
        const answer = await store.acquire(request);
        if (asked === 1) await new Promise<void>((resolve) => void clock.after(20_000, resolve));
        return answer;
      },
    });
    void start(open({}, late), 60_000);
    await clock.advance(25_000);
    expect([asked, api.opened]).toEqual([2, 1]);
    const { items } = await store.list({ target: 'us-east-1/cluster/main' }, { limit: 10 });
    expect(items).toContainEqual(expect.objectContaining({ state: 'leased', sessionId: 'session-1' }));
  });
});

describe('a session whose first statement is not heard of again', () => {
  it.each([{}, { initStatements: ['set x 0'] }])('is closed, and held no longer: %j', async (given) => {
    api.connectMs = 5_000;
    api.describe = async () => {
      throw new DataApiError('invalid', 'x');
    };
    const warehouse = open(given);
    const pinned = warehouse.openSession({ tenantId: 'acme', target });
    await Promise.all([expect(pinned).rejects.toMatchObject({ code: 'warehouse_unavailable' }), clock.advance(30_000)]);
    expect(warehouse.heldSessions).toBe(0);
    expect(await slot()).toMatchObject({ state: 'draining' });
  });
});

describe('an idle session whose first statement for a client is refused', () => {
  it('is idle again', async () => {
    const warehouse = open();
    void start(warehouse);
    await clock.advance(2_000);
    const execute = api.execute.bind(api);
    api.execute = async () => {
      throw new DataApiError('invalid', 'x');
    };
    const pinned = warehouse.openSession({ tenantId: 'acme', target });
    await Promise.all([expect(pinned).rejects.toMatchObject({ code: 'invalid_request' }), clock.advance(2_000)]);
    api.execute = execute;
    void start(warehouse);
    await clock.advance(2_000);
    expect(api.opened).toBe(1);
    await warehouse.close();
    expect(warehouse.heldSessions).toBe(0);
  });
});
