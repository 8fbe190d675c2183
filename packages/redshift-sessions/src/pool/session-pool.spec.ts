import { beforeEach, describe, expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import type { SessionPoolStore } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { DataApiError } from '../data-api/data-api-error.ts';
import type { WarehouseOptions } from '../options.ts';
import { SimulatedWarehouse } from '@mooring/simulation';
import type { RunningStatement } from '../statement/running-statement.ts';
import { Warehouse } from '../warehouse.ts';

const target = { clusterIdentifier: 'main', database: 'dev', dbUser: 'ann' };
const request = (ms = 0, tenantId = 'acme') => ({ tenantId, target, sql: `select ann ${ms}` });

let clock: ManualClock;
let api: SimulatedWarehouse;
let store: SessionPoolStore;
/** Set to make the store fail. */
let down: boolean;
/** The operation that fails alone. */
let failing: string | undefined;
/** What the store was asked for. */
let asked: string[];

beforeEach(() => {
  clock = new ManualClock();
  api = new SimulatedWarehouse(clock, () => 0.5);
  down = false;
  failing = undefined;
  asked = [];
  const memory = createMemoryStore({ clock }).pool;
  store = new Proxy(memory, {
    get(pool, name) {
      const member: unknown = Reflect.get(pool, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        asked.push(String(name));
        if (down || failing === name)
          throw new StoreError({ code: 'unavailable', message: 'down', backend: 'test', operation: String(name) });
        return (member as (...all: unknown[]) => Promise<unknown>).apply(pool, args);
      };
    },
  });
});

const open = (options: Partial<WarehouseOptions> = {}): Warehouse =>
  new Warehouse({ api, pool: store, clock, options });

/** Runs to the end in virtual time. */
async function run(warehouse: Warehouse, ms = 0, tenantId = 'acme'): Promise<RunningStatement> {
  const statement = warehouse.execute(request(ms, tenantId)).then(async (accepted) => {
    await accepted.wait();
    return accepted;
  });
  statement.catch(() => undefined);
  await clock.advance(ms + 400);
  return statement;
}

const slots = async (): Promise<string[]> => {
  const { items } = await store.list({ target: 'us-east-1/cluster/main' }, { limit: 100 });
  return items.map(({ state }) => state);
};

describe('an idle session', () => {
  it('stays with its process for a while, then goes to the others', async () => {
    const [one, other] = [open({ idleReturnMs: 10_000 }), open()];
    await run(one);
    expect(await slots()).toEqual(['leased']);
    await clock.advance(16_000);
    expect(await slots()).toEqual(['idle']);
    expect((await run(other)).sessionReused).toBe(true);
    expect(api.opened).toBe(1);
  });

  it('goes at once when another process waits for one', async () => {
    const options = { maxSessionsPerKey: 1, idleReturnMs: 3_600_000 };
    const [one, other] = [open(options), open(options)];
    await run(one);
    const waiting = other.execute(request());
    await clock.advance(6_000);
    expect((await waiting).sessionReused).toBe(true);
    expect(api.opened).toBe(1);
  });

  it('is shared in turns by two busy processes', async () => {
    const options = { maxSessionsPerKey: 1, waitTimeoutMs: 60_000 };
    const processes = [open(options), open(options)];
    const served = [0, 0];
    const until = clock.now() + 60_000;
    for (const [index, warehouse] of processes.entries()) {
      void (async () => {
        while (clock.now() < until) {
          await (await warehouse.execute(request(50))).wait();
          served[index] = (served[index] ?? 0) + 1;
        }
      })();
    }
    await clock.advance(70_000);
    expect(Math.min(...served)).toBeGreaterThan(50);
    expect(api.opened).toBe(1);
  });

  it('is not used in the last part of its keep-alive, nor past its age', async () => {
    const options = { keepAliveSeconds: 100, idleReturnMs: 3_600_000 };
    const warehouse = open(options);
    await run(warehouse);
    await clock.advance(89_000);
    expect((await run(warehouse)).sessionReused).toBe(true);
    await clock.advance(91_000);
    expect((await run(warehouse)).sessionReused).toBe(false);
    const aged = open({ maxLifetimeMs: 1_000, idleReturnMs: 3_600_000 });
    await run(aged, 0, 'aged');
    await clock.advance(1_000);
    expect((await run(aged, 0, 'aged')).sessionReused).toBe(false);
  });

  it('that is not used any more counts while it may be open', async () => {
    const warehouse = open({ maxLifetimeMs: 1_000, idleReturnMs: 3_600_000 });
    await run(warehouse);
    await clock.advance(1_000);
    await run(warehouse);
    expect(await slots()).toEqual(['draining', 'leased']);
  });

  it('counts from the end of its last statement, however early that was asked for', async () => {
    const warehouse = open({ keepAliveSeconds: 60, reapDelayMs: 10_000, idleReturnMs: 1_000 });
    const endsAt = clock.now() + api.connectMs + 25_000;
    await run(warehouse, 25_000);
    await clock.advance(10_000);
    const { items } = await store.list({ target: 'us-east-1/cluster/main' }, { limit: 1 });
    expect(items[0]).toMatchObject({ state: 'idle' });
    expect(items[0]?.aliveUntil).toBeGreaterThanOrEqual(endsAt + 70_000);
  });
});

describe('a session that a process holds', () => {
  it('counts for as long as the process may leave it open if it dies before it is heard of again', async () => {
    const warehouse = open({ idleReturnMs: 3_600_000, statementTimeoutMs: 120_000 });
    await run(warehouse);
    await clock.advance(4_000);
    const { items } = await store.list({ target: 'us-east-1/cluster/main' }, { limit: 1 });
    const { leaseExpiresAt, aliveUntil } = items[0] ?? {};
    expect(aliveUntil).toBe((leaseExpiresAt ?? 0) + 120_000 + 600_000 + 60_000);
  });
});

describe('a session that its first statement changed', () => {
  it('is marked before others may be given it', async () => {
    const warehouse = open();
    const changing = warehouse.execute({ ...request(), sql: 'lock ann 0' });
    await clock.advance(2_000);
    await changing;
    expect(asked.slice(0, 3)).toEqual(['acquire', 'renew', 'register']);
  });
});

describe('a statement that waits for the warehouse', () => {
  it('is not sent into a session whose lease ended meanwhile', async () => {
    const warehouse = open({ leaseTtlMs: 15_000, renewEveryMs: 4_000, busyTimeoutMs: 60_000 });
    await run(warehouse);
    [failing, api.faults.throttled, asked] = ['renew', 1, []];
    const waiting = warehouse.execute(request());
    await clock.advance(20_000);
    api.faults.throttled = 0;
    await clock.advance(5_000);
    expect(await (await waiting).wait()).toMatchObject({ status: 'finished' });
    expect(asked).toContain('acquire');
  });
});

describe('a session that was reset', () => {
  it('stays with its process, and is closed when that gives it away', async () => {
    const warehouse = open({ dirtySessions: 'reset', idleReturnMs: 10_000, drainMs: 1_000 });
    const setting = warehouse.execute({ ...request(), sql: 'set ann 0' });
    await clock.advance(2_000);
    await (await setting).wait();
    expect((await run(warehouse)).sessionReused).toBe(true);
    expect(await slots()).toEqual(['leased']);
    await clock.advance(30_000);
    expect(await slots()).toEqual([]);
    expect(api.open).toBe(0);
  });
});

describe('a store that is down', () => {
  it('leaves held sessions in use until their leases end, then statements fail, then all is well again', async () => {
    const warehouse = open({ leaseTtlMs: 15_000, renewEveryMs: 4_000, idleReturnMs: 3_600_000 });
    await run(warehouse);
    down = true;
    await clock.advance(8_000);
    expect((await run(warehouse)).sessionReused).toBe(true);
    await clock.advance(20_000);
    await expect(run(warehouse)).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' });
    expect(warehouse.heldSessions).toBe(0);
    down = false;
    expect((await run(warehouse)).sessionReused).toBe(true);
    expect(api.opened).toBe(1);
    expect(api.violations).toEqual([]);
  });
});

describe('a session that opens while the store goes down', () => {
  it('still answers its statement, and is closed after it', async () => {
    const warehouse = open();
    const opening = warehouse.execute(request());
    await clock.advance(100);
    down = true;
    await clock.advance(1_000);
    expect(await (await opening).wait()).toMatchObject({ status: 'finished' });
    await clock.advance(5_000);
    expect(api.open).toBe(0);
    expect(warehouse.heldSessions).toBe(0);
    down = false;
    expect((await run(warehouse)).sessionReused).toBe(false);
  });
});

describe('a full target', () => {
  it('gets room by closing the session that was idle for longest', async () => {
    const options = { maxSessionsPerTarget: 2, maxSessionsPerKey: 2, drainMs: 2_000, waitTimeoutMs: 30_000 };
    const warehouse = open(options);
    await run(warehouse, 0, 'first');
    await clock.advance(1_000);
    await run(warehouse, 0, 'second');
    const third = warehouse.execute(request(0, 'third'));
    await clock.advance(10_000);
    expect(await (await third).wait()).toMatchObject({ status: 'finished' });
    expect((await run(warehouse, 0, 'second')).sessionReused).toBe(true);
    expect(api.mostOpen).toBeLessThanOrEqual(3);
  });

  it('of idle sessions of other processes gets room too', async () => {
    const options = { maxSessionsPerTarget: 1, drainMs: 2_000, idleReturnMs: 1_000, waitTimeoutMs: 60_000 };
    const [one, other] = [open(options), open(options)];
    await run(one, 0, 'first');
    await clock.advance(10_000);
    const second = other.execute(request(0, 'second'));
    await clock.advance(20_000);
    expect(await (await second).wait()).toMatchObject({ status: 'finished' });
    const reclaimed = asked.indexOf('reclaim');
    expect(
      asked
        .slice(reclaimed)
        .filter((name) => name !== 'acquire' && name !== 'reclaim')
        .slice(0, 2),
    ).toEqual(['renew', 'discard']);
  });

  it('costs the store a question per interval, however many keys wait', async () => {
    const warehouse = open({ maxSessionsPerTarget: 1, waitTimeoutMs: 20_000 });
    const busy = warehouse.execute(request(60_000, 'busy'));
    await clock.advance(2_000);
    await busy;
    asked = [];
    const waiting = Array.from({ length: 50 }, (_, n) => warehouse.execute(request(0, `t${n}`)));
    const ended = Promise.allSettled(waiting);
    await clock.advance(20_001);
    expect((await ended).map(({ status }) => status)).toEqual(waiting.map(() => 'rejected'));
    // Each when it came, then one of them every quarter of a second at the soonest.
    expect(asked.filter((name) => name === 'acquire').length).toBeLessThan(50 + 100);
  });

  it('has a quarter of its sessions closing at the most, whoever waits', async () => {
    const options = { maxSessionsPerTarget: 8, drainMs: 60_000, idleReturnMs: 2_000, waitTimeoutMs: 600_000 };
    const warehouse = open(options);
    for (let n = 0; n < 8; n += 1) await run(warehouse, 0, `idle${n}`);
    await clock.advance(10_000);
    expect(await slots()).toEqual(Array.from({ length: 8 }, () => 'idle'));
    const newcomers = Array.from({ length: 6 }, (_, n) => run(warehouse, 60_000, `new${n}`));
    const ended = Promise.all(newcomers);
    let most = 0;
    for (let second = 0; second < 240; second += 1) {
      await clock.advance(1_000);
      most = Math.max(most, (await slots()).filter((state) => state === 'draining').length);
    }
    expect((await ended).map(({ sessionReused }) => sessionReused)).toEqual(newcomers.map(() => false));
    expect(most).toBe(2);
  });

  it('closes what was given back before what is in use from time to time', async () => {
    const warehouse = open({ maxSessionsPerTarget: 2, drainMs: 2_000, idleReturnMs: 5_000, waitTimeoutMs: 30_000 });
    await run(warehouse, 0, 'rare');
    await clock.advance(12_000);
    await run(warehouse, 0, 'often');
    expect((await slots()).sort()).toEqual(['idle', 'leased']);
    const newcomer = run(warehouse, 0, 'new');
    await clock.advance(3_000);
    expect((await newcomer).sessionReused).toBe(false);
    expect((await run(warehouse, 0, 'often')).sessionReused).toBe(true);
  });
});

describe("a warehouse whose sessions are other programs'", () => {
  it('is waited for as long as for a session', async () => {
    const warehouse = open({ maxSessionsPerKey: 1, waitTimeoutMs: 30_000 });
    api.maxSessions = 0;
    const waiting = warehouse.execute(request());
    await clock.advance(20_000);
    api.maxSessions = 1;
    await clock.advance(5_000);
    expect(await (await waiting).wait()).toMatchObject({ status: 'finished' });
    api.maxSessions = 0;
    const late = warehouse.execute(request(0, 'globex'));
    const refused = expect(late).rejects.toMatchObject({ code: 'pool_exhausted' });
    await clock.advance(40_000);
    await refused;
    expect(warehouse.heldSessions).toBe(0);
  });
});

async function forgotten() {
  const warehouse = open({ keepAliveSeconds: 60, reapDelayMs: 10_000 });
  const opening = warehouse.openSession({ tenantId: 'acme', target });
  await clock.advance(2_000);
  return { warehouse, session: await opening };
}

describe('a pinned session that its client forgot', () => {
  it('does not hold its slot for ever', async () => {
    const { warehouse, session } = await forgotten();
    expect(await slots()).toEqual(['leased']);
    await clock.advance(120_000);
    expect(await slots()).toEqual([]);
    const late = warehouse.executeIn(session, request());
    const refused = expect(late).rejects.toMatchObject({ code: 'session_lost' });
    await clock.advance(1_000);
    await refused;
  });
});

describe('a pinned session that its client forgot after a statement that was refused', () => {
  it('does not hold its slot for ever', async () => {
    const { warehouse, session } = await forgotten();
    api.execute = async () => {
      throw new DataApiError('invalid', 'x');
    };
    const refused = expect(warehouse.executeIn(session, request())).rejects.toMatchObject({ code: 'invalid_request' });
    await clock.advance(1_000);
    await refused;
    expect(await slots()).toEqual(['leased']);
    await clock.advance(200_000);
    expect([await slots(), warehouse.heldSessions]).toEqual([[], 0]);
  });
});

describe('a pinned session that can not be marked', () => {
  it('is closed', async () => {
    const warehouse = open();
    const opening = warehouse.openSession({ tenantId: 'acme', target });
    const refused = expect(opening).rejects.toMatchObject({ name: 'StoreError' });
    failing = 'renew';
    await clock.advance(5_000);
    await refused;
    expect(api.open).toBe(0);
    expect(warehouse.heldSessions).toBe(0);
  });
});

describe('the end of a process', () => {
  it('gives busy sessions back when their statements end', async () => {
    const [leaving, staying] = [open(), open()];
    const running = leaving.execute(request(5_000));
    await clock.advance(1_500);
    await leaving.close();
    await expect(leaving.execute(request())).rejects.toMatchObject({ code: 'closed' });
    await clock.advance(5_000);
    expect(await (await running).wait()).toMatchObject({ status: 'finished' });
    expect(await slots()).toEqual(['idle']);
    expect((await run(staying)).sessionReused).toBe(true);
    expect(leaving.heldSessions).toBe(0);
  });
});
