import { describe, expect, it } from '@jest/globals';
import type { SessionStore } from '@mooring/session-store';
import { StoreError } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { World } from '../world.fixture.ts';

const SQL = 'SELECT query_id, user_id, kind, namespace, state, progress, statement FROM system.queries';
const OTHERS = `${SQL} WHERE statement LIKE 'SELECT wait%'`;

class Processes {
  readonly clock = new ManualClock();
  readonly calls: string[] = [];
  isDown = false;
  /** The store does what it is asked, and its answer does not arrive. */
  isUnheard = false;
  private readonly store = createMemoryStore({ namespace: 'test', clock: this.clock });
  readonly one: World;
  readonly other: World;

  constructor() {
    this.one = this.start();
    this.other = this.start();
  }

  start(): World {
    return new World({ clock: this.clock, queryRecords: this.counted() });
  }

  static async withSales(): Promise<Processes> {
    const processes = new Processes();
    for (const world of [processes.one, processes.other]) {
      await world.done(world.as('dba', 'dba', { namespace: null }), 'CREATE NAMESPACE sales');
    }
    return processes;
  }

  /** A statement of the user that runs on `world` until it is ended. */
  async begin(world: World, user = 'ann', sql = 'SELECT wait()', forMs = 500) {
    const running = world.run(world.as(user, 'user'), sql);
    await this.clock.advance(forMs);
    return {
      id: world.engine.queries.list('acme')[0]?.id ?? '',
      code: running.then((batch) => batch.failure?.error.code),
    };
  }

  /** As they are stored. */
  async records() {
    return (await this.store.sessions.list({ tenantId: 'acme' }, { limit: 10 })).items;
  }

  private counted(): SessionStore {
    return new Proxy(this.store.sessions, {
      get: (sessions, name: keyof SessionStore) => {
        const call = sessions[name] as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          this.calls.push(name);
          if (this.isDown)
            throw new StoreError({ code: 'unavailable', message: 'down', backend: 'test', operation: name });
          const answer = await call.apply(sessions, args);
          if (!this.isUnheard) return answer;
          throw new StoreError({ code: 'unavailable', message: 'unheard', backend: 'test', operation: name });
        };
      },
    });
  }
}

describe('statements of several processes', () => {
  it('cost no call to the store when they are fast, and one in 750 ms when they are not: a write where there is something new', async () => {
    const processes = await Processes.withSales();
    const { one, clock, calls } = processes;
    for (let count = 0; count < 20; count += 1) {
      await one.done(one.as('ann', 'user'), 'SELECT 1');
      await clock.advance(100);
    }
    const short = await processes.begin(one, 'ann', 'SELECT wait()', 240);
    await one.done(one.as('ann', 'user'), `KILL QUERY '${short.id}'`);
    expect([await short.code, calls]).toEqual(['cancelled', []]);
    const { id, code } = await processes.begin(one);
    await clock.advance(3000);
    expect(calls).toEqual(['create', 'touch', 'touch', 'touch', 'touch']);
    const [query] = one.engine.queries.list('acme');
    for (const progress of [0.5, 0.501, 0.509, 0.51]) {
      if (query !== undefined) query.progress = progress;
      await clock.advance(750);
    }
    expect(calls.splice(1)).toEqual([...Array<string>(4).fill('touch'), 'update', 'touch', 'touch', 'update']);
    await one.done(one.as('ann', 'user'), `KILL QUERY '${id}'`);
    expect(await code).toBe('cancelled');
    await clock.advance(10_000);
    expect(calls).toEqual(['create', 'update']);
  });

  it('are seen in every process by those who may: users see their own, dbas all of the tenant', async () => {
    const processes = await Processes.withSales();
    const { one, other, clock } = processes;
    const text = `SELECT wait() AS "${'x'.repeat(40)}", '${'x'.repeat(937)}`;
    expect(text).toHaveLength(999);
    const { id } = await processes.begin(one, 'ann', `${text}😀'`);
    const [query] = one.engine.queries.list('acme');
    if (query !== undefined) query.progress = 0.5;
    const shown = [id, 'id-ann', 'select', 'sales', 'running'];
    expect(await other.rows(other.as('ann', 'user'), OTHERS)).toEqual([[...shown, null, text]]);
    await clock.advance(1500);
    expect(await other.rows(other.as('dba', 'dba'), OTHERS)).toEqual([[...shown, 0.5, text]]);
    expect(await one.rows(one.as('dba', 'dba'), OTHERS)).toHaveLength(1);
    expect(await other.rows(other.as('bob', 'user'), OTHERS)).toEqual([]);
    expect(await other.rows(other.as('dba', 'dba', { tenantId: 'globex' }), OTHERS)).toEqual([]);
    query?.cancel('enough');
    await clock.advance(1);
    expect(await other.rows(other.as('dba', 'dba'), OTHERS)).toEqual([]);
  });

  it('are ended from every process by those who may, within a second of its clock', async () => {
    const processes = await Processes.withSales();
    const { one, other, clock } = processes;
    const { id, code } = await processes.begin(one);
    for (const who of [other.as('bob', 'user'), other.as('dba', 'dba', { tenantId: 'globex' })]) {
      await other.refuses(who, `KILL QUERY '${id}'`, 'not_found');
    }
    await clock.advance(2000);
    expect(one.engine.queries.count).toBe(1);
    await other.done(other.as('dba', 'dba'), `KILL QUERY '${id}'`);
    await clock.advance(1250);
    expect(await code).toBe('cancelled');
    await other.refuses(other.as('dba', 'dba'), `KILL QUERY '${id}'`, 'not_found');
    const own = await processes.begin(one);
    await other.done(other.as('ann', 'user'), `KILL QUERY '${own.id}'`);
    await clock.advance(1250);
    expect(await own.code).toBe('cancelled');
  });

  it('are renewed, not each time, and before they would be dead', async () => {
    const processes = await Processes.withSales();
    const { one, other, clock } = processes;
    await processes.begin(one);
    const [before] = await processes.records();
    await clock.advance(2000);
    expect(await processes.records()).toEqual([before]);
    await clock.advance(28_000);
    const [after] = await processes.records();
    expect(after?.id).toBe(before?.id);
    expect(await other.rows(other.as('dba', 'dba'), OTHERS)).toHaveLength(1);
  });

  it('of a process that died are seen no more after their idle time', async () => {
    const processes = await Processes.withSales();
    const { one, other, clock } = processes;
    await processes.begin(one);
    processes.isDown = true;
    await clock.advance(9000);
    processes.isDown = false;
    expect(await other.rows(other.as('dba', 'dba'), OTHERS)).toHaveLength(1);
    processes.isDown = true;
    await clock.advance(1000);
    processes.isDown = false;
    expect(await other.rows(other.as('dba', 'dba'), OTHERS)).toEqual([]);
  });

  it('go on when the store is away, are counted as not recorded, and are seen when it is back', async () => {
    const processes = await Processes.withSales();
    const { one, other, clock } = processes;
    processes.isDown = true;
    const { id } = await processes.begin(one);
    await clock.advance(20_000);
    await one.done(one.as('bob', 'user'), 'SELECT 1');
    await one.refuses(one.as('dba', 'dba'), SQL, 'unavailable');
    expect(one.engine.queries.count).toBe(1);
    expect(one.engine.counts.recordingFailures).toBeGreaterThan(10);
    processes.isDown = false;
    await clock.advance(1250);
    expect(await other.rows(other.as('dba', 'dba'), OTHERS)).toMatchObject([
      [id, 'id-ann', 'select', 'sales', 'running', null, 'SELECT wait()'],
    ]);
    processes.isDown = true;
    await one.done(one.as('ann', 'user'), `KILL QUERY '${id}'`);
    expect(one.engine.queries.count).toBe(0);
  });

  it('are ended, and seen once, though the answer to their creation was lost', async () => {
    const processes = await Processes.withSales();
    const { one, other, clock } = processes;
    processes.isUnheard = true;
    const unheard = await processes.begin(one);
    processes.isUnheard = false;
    await other.done(other.as('dba', 'dba'), `KILL QUERY '${unheard.id}'`);
    await clock.advance(1250);
    expect(one.engine.queries.count).toBe(0);
    processes.isUnheard = true;
    await processes.begin(one);
    processes.isUnheard = false;
    await clock.advance(1250);
    expect(await processes.records()).toHaveLength(1);
    expect(await other.rows(other.as('dba', 'dba'), OTHERS)).toHaveLength(1);
  });

  it('are ended in the store before the engine is closed', async () => {
    const processes = await Processes.withSales();
    const { one, other, clock } = processes;
    await processes.begin(one);
    await one.engine.close();
    await clock.advance(1);
    expect(await other.rows(other.as('dba', 'dba'), OTHERS)).toEqual([]);
  });
});
